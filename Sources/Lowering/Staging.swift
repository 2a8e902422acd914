/// How the constants of a layer reach the array.
enum Staging: Hashable {
  /// The array reads them where they are kept.
  case direct
  /// The constants of blocks in depth are copied into the fast memory, into so many slots in turns, while layer `start`
  /// runs at the earliest. Where there are fewer slots than blocks, the layer takes one block in depth after the other.
  case slots(Int, start: Int)
}

/// Decides how the constants of each layer reach the array, within a limit for the fast memory.
///
/// A layer that reads its constants several times gets a copy in the fast memory, or two blocks of one at a time.
/// What room is left is used to copy constants while layers before their own still run.
struct StagingPlan {
  private(set) var staging: [Staging]
  /// What the fast memory holds at most.
  let limit: Int
  /// The bytes of the fast memory that hold values, and then constants too, during each layer.
  private var live: [Int]
  private let layers: [LayerConstants]
  private let longestLead: Int

  /// What is to know about the constants of a layer.
  struct LayerConstants {
    /// The bytes of each block in depth, in the order of the blocks.
    let chunkBytes: [Int]
    /// The room for the constants of any block.
    let slotBytes: Int
    /// How often each is read.
    let readCount: Int
    /// The layers that are computed together with this one.
    let group: Range<Int>

    /// The room for so many blocks: with a slot for each, they lie one after the other.
    func bytes(slots: Int) -> Int {
      slots < chunkBytes.count ? slots * slotBytes : aligned(chunkBytes.reduce(0, +))
    }

    /// The fewest slots with which constants are read only once from where they are kept; 0 if that is so anyway.
    ///
    /// Layers that take turns need all of them, and parts of a small number are not worth their trouble.
    var fewestSlots: Int {
      guard readCount > 1, !chunkBytes.isEmpty else { return 0 }
      let all = chunkBytes.count
      return group.count > 1 || bytes(slots: all) <= 4096 ? all : min(2, all)
    }

    var leastBytes: Int { fewestSlots == 0 ? 0 : bytes(slots: fewestSlots) }
  }

  /// - Parameters:
  ///   - live: the bytes of values in the fast memory during each layer.
  ///   - capacity: of the fast memory.
  ///   - lead: how many layers before its own the constants of a layer may be copied.
  ///   - fillsMemory: whether the capacity is the limit.
  init(
    _ layers: [LayerConstants], live: [Int], capacity: Int, lead: Int = 16,
    fillsMemory: Bool = false
  ) {
    self.layers = layers
    self.live = live
    longestLead = lead
    staging = layers.map { _ in .direct }
    let needed = Self.needs(layers, live).filter { $0 <= capacity }
    limit =
      fillsMemory ? capacity : min(capacity, max(live.max() ?? 0, needed.max() ?? 0))
    for layer in layers.indices { stageRepeatedReads(layer) }
    for layer in layers.indices { stageAhead(layer) }
  }

  /// The bytes for values, for the constants that a layer reads several times, and for those that the next layer does.
  private static func needs(_ layers: [LayerConstants], _ live: [Int]) -> [Int] {
    layers.indices.flatMap { layer -> [Int] in
      guard layers[layer].leastBytes > 0 else { return [] }
      let values = layers[layer].group.map { live[$0] }.max() ?? 0
      let group = layers[layer].group.reduce(0) { $0 + layers[$1].leastBytes }
      let next = layers[layer].group.upperBound
      let ahead = next < layers.count ? layers[next].leastBytes : 0
      return [values + group, values + group + ahead]
    }
  }

  private mutating func stageRepeatedReads(_ layer: Int) {
    let constants = layers[layer]
    let slots = constants.fewestSlots
    guard slots > 0, reserve(constants.bytes(slots: slots), constants.group) else { return }
    staging[layer] = .slots(slots, start: constants.group.lowerBound)
  }

  /// Lets copies begin earlier, as far as room is left: first beside the layer before, then with more slots, then
  /// earlier still.
  private mutating func stageAhead(_ layer: Int) {
    let constants = layers[layer]
    let all = constants.chunkBytes.count
    guard all > 0 else { return }
    var slots = 0
    var start = constants.group.lowerBound
    if case .slots(let count, _) = staging[layer] { slots = count }
    if slots == 0 {
      slots = constants.group.count > 1 ? all : min(2, all)
      // Constants that are read once gain only by being there earlier.
      guard start > 0, longestLead > 0 else { return }
      let steps = layers[start - 1].group.lowerBound..<constants.group.upperBound
      guard reserve(constants.bytes(slots: slots), steps) else { return }
      start = steps.lowerBound
    } else {
      start = extended(constants.bytes(slots: slots), from: start, by: min(1, longestLead))
    }
    slots = moreSlots(constants, slots, start..<constants.group.upperBound)
    start = extended(
      constants.bytes(slots: slots), from: start,
      by: longestLead - (constants.group.lowerBound - start))
    staging[layer] = .slots(slots, start: start)
  }

  private mutating func moreSlots(
    _ constants: LayerConstants, _ slots: Int, _ steps: Range<Int>
  ) -> Int {
    let present = constants.bytes(slots: slots)
    let all = constants.chunkBytes.count
    for count in stride(from: all, to: slots, by: -1)
    where reserve(constants.bytes(slots: count) - present, steps) {
      return count
    }
    return slots
  }

  /// The earliest layer from which on there is room.
  private mutating func extended(_ byteCount: Int, from start: Int, by lead: Int) -> Int {
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
