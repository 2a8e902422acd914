/// How the constants of a layer reach the array.
enum Staging: Hashable {
  /// The array reads them where they are kept.
  case direct
  /// Those of the first blocks in depth are copied into the fast memory, while layer `start` runs at the earliest;
  /// the others are read where they are kept.
  case ahead(blocks: Int, start: Int)
  /// The layer takes one block in depth after the other, and the constants of the next are copied while the array
  /// works with those before: there is room for two.
  case alternating(start: Int)

  /// The layer during which the first copy may be made; nil if there is none.
  var start: Int? {
    switch self {
    case .direct: nil
    case .ahead(_, let start), .alternating(let start): start
    }
  }
}

/// Decides how the constants of each layer reach the array, within a limit for the fast memory.
///
/// A layer that reads its constants several times gets a copy in the fast memory, whole or two blocks at a time.
/// What room is left is used to copy constants while layers before their own still run.
struct StagingPlan {
  private(set) var staging: [Staging]
  /// The bytes of the fast memory that hold values, and then constants too, during each layer.
  private var live: [Int]
  private let layers: [LayerConstants]
  private let limit: Int

  /// What is to know about the constants of a layer.
  struct LayerConstants {
    /// The bytes of each block in depth, in the order of the blocks.
    let chunkBytes: [Int]
    /// How often each is read.
    let readCount: Int
    /// The layers that are computed together with this one.
    let group: Range<Int>

    var byteCount: Int { chunkBytes.reduce(0, +) }

    /// The room for two blocks, each as large as the largest.
    var alternatingBytes: Int { 2 * aligned(chunkBytes.max() ?? 0) }

    /// Whether blocks in depth can be computed one after the other: not if layers take turns.
    var canAlternate: Bool { group.count == 1 && chunkBytes.count > 2 }

    /// The least room in which they are read only once from where they are kept; 0 if they are anyway.
    var leastBytes: Int {
      guard readCount > 1, !chunkBytes.isEmpty else { return 0 }
      // Halves of a small number are not worth their trouble.
      return canAlternate && byteCount > 4096 ? min(byteCount, alternatingBytes) : byteCount
    }
  }

  /// - Parameters:
  ///   - live: the bytes of values in the fast memory during each layer.
  ///   - capacity: of the fast memory.
  init(_ layers: [LayerConstants], live: [Int], capacity: Int) {
    self.layers = layers
    self.live = live
    staging = layers.map { _ in .direct }
    let needed = Self.needs(layers, live).filter { $0 <= capacity }
    limit = min(capacity, max(live.max() ?? 0, needed.max() ?? 0))
    for layer in layers.indices { stageRepeatedReads(layer) }
    for layer in layers.indices { stageAhead(layer) }
  }

  /// The bytes for values, for the constants that a layer reads several times, and for those that the next layer does.
  private static func needs(_ layers: [LayerConstants], _ live: [Int]) -> [Int] {
    layers.indices.flatMap { layer -> [Int] in
      let own = aligned(layers[layer].leastBytes)
      guard own > 0 else { return [] }
      let values = layers[layer].group.map { live[$0] }.max() ?? 0
      let group = layers[layer].group.reduce(0) { $0 + aligned(layers[$1].leastBytes) }
      let next = layers[layer].group.upperBound
      let ahead = next < layers.count ? aligned(layers[next].leastBytes) : 0
      return [values + group, values + group + ahead]
    }
  }

  /// How many layers before its own the constants of a layer may be copied.
  private static let longestLead = 6

  private mutating func stageRepeatedReads(_ layer: Int) {
    let constants = layers[layer]
    guard constants.readCount > 1, !constants.chunkBytes.isEmpty else { return }
    let start = constants.group.lowerBound
    if reserve(constants.byteCount, constants.group) {
      staging[layer] = .ahead(blocks: constants.chunkBytes.count, start: start)
    } else if constants.canAlternate, reserve(constants.alternatingBytes, constants.group) {
      staging[layer] = .alternating(start: start)
    }
  }

  /// Lets copies begin earlier, as far as room is left.
  private mutating func stageAhead(_ layer: Int) {
    let constants = layers[layer]
    guard !constants.chunkBytes.isEmpty, constants.group.lowerBound > 0 else { return }
    switch staging[layer] {
    case .direct: stagePrefix(layer)
    case .ahead(let blocks, let start):
      staging[layer] = .ahead(
        blocks: blocks, start: extended(constants.byteCount, from: start))
    case .alternating(let start):
      staging[layer] = .alternating(start: extended(constants.alternatingBytes, from: start, by: 1))
    }
  }

  /// Constants that are read once: as many as fit are copied beside the layer before.
  private mutating func stagePrefix(_ layer: Int) {
    let constants = layers[layer]
    guard constants.group.count == 1 else { return }
    let before = layers[layer - 1].group
    let room = limit - max(before.map { live[$0] }.max() ?? 0, live[layer])
    var (blocks, bytes) = (0, 0)
    for chunk in constants.chunkBytes where aligned(bytes + chunk) <= room {
      blocks += 1
      bytes += chunk
    }
    guard blocks > 0, reserve(bytes, before.lowerBound..<layer + 1) else { return }
    staging[layer] = .ahead(blocks: blocks, start: extended(bytes, from: before.lowerBound))
  }

  /// The earliest layer from which on there is room.
  private mutating func extended(
    _ byteCount: Int, from start: Int, by lead: Int = longestLead
  ) -> Int {
    var first = start
    while first > 0, start - first < lead, reserve(byteCount, layers[first - 1].group) {
      first = layers[first - 1].group.lowerBound
    }
    return first
  }

  private mutating func reserve(_ byteCount: Int, _ steps: Range<Int>) -> Bool {
    let bytes = aligned(byteCount)
    guard steps.allSatisfy({ live[$0] + bytes <= limit }) else { return false }
    for step in steps { live[step] += bytes }
    return true
  }
}

/// Rounded up to the alignment of everything in memory.
func aligned(_ byteCount: Int) -> Int {
  (byteCount + ConstantImage.alignment - 1) / ConstantImage.alignment * ConstantImage.alignment
}
