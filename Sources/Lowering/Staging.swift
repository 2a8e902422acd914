import Hardware

/// How the constants of a layer reach the array.
enum Staging: Hashable {
  /// The array reads them where they are kept.
  case direct
  /// The constants of blocks in depth are copied into the fast memory, into so many slots in turns, while layer `start`
  /// runs at the earliest. Where there are fewer slots than blocks, the layer takes one block in depth after the other.
  case slots(Int, start: Int)
  /// As `slots`, for constants that are read once: those of so many blocks, and of the others the parameters, if these
  /// are staged at all. The array reads the other weights where they are kept.
  case part(Int, start: Int)
}

/// Decides how the constants of each layer reach the array, within a limit for the fast memory.
///
/// A layer that reads its constants several times gets a copy in the fast memory, or two blocks of one at a time.
/// Parameters that the output stage reads slowly are copied by themselves. What room is left is used to copy constants
/// while layers before their own still run.
struct StagingPlan {
  var staging: [Staging]
  /// What the fast memory holds at most.
  let limit: Int
  /// The bytes of the fast memory that hold values, and then constants too, during each layer.
  private var live: [Int]
  let layers: [LayerConstants]
  private let longestLead: Int

  /// What is to know about the constants of a layer.
  struct LayerConstants {
    /// The bytes of each block in depth, in the order of the blocks.
    let chunkBytes: [Int]
    /// Of each block in depth, the bytes of parameters that are to be staged; none where reading them is as fast.
    let parameterBytes: [Int]
    /// The room for the constants of any block.
    let slotBytes: Int
    /// How often each is read.
    let readCount: Int
    /// What the layer is estimated to take.
    let cycles: Double
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

    /// The room for the constants of so many blocks, and the parameters of the others.
    func bytes(part: Int) -> Int {
      aligned(chunkBytes.prefix(part).reduce(0, +) + parameterBytes.dropFirst(part).reduce(0, +))
    }

    /// The bytes that staging takes, and the layer from which on; nil if it takes none.
    func room(for staging: Staging) -> (bytes: Int, start: Int)? {
      switch staging {
      case .direct: nil
      case .slots(let count, let start): (bytes(slots: count), start)
      case .part(let count, let start): (bytes(part: count), start)
      }
    }

    /// Whether blocks gain nothing from slots that they share.
    var isReadOnce: Bool { readCount == 1 && group.count == 1 && !chunkBytes.isEmpty }
  }

  /// - Parameters:
  ///   - live: the bytes of values in the fast memory during each layer.
  ///   - capacity: of the fast memory.
  ///   - copyCyclesPerByte: from where constants are kept.
  ///   - lead: how many layers before its own the constants of a layer may be copied.
  ///   - fillsMemory: whether the capacity is the limit.
  init(
    _ layers: [LayerConstants], live: [Int], capacity: Int,
    copyCyclesPerByte: Double, lead: Int = 16, fillsMemory: Bool = false
  ) {
    self.layers = layers
    self.live = live
    longestLead = lead
    staging = layers.map { _ in .direct }
    let needed = (Self.needs(layers, live) + Self.parameterNeeds(layers, live))
      .filter { $0 <= capacity }
    limit =
      fillsMemory ? capacity : min(capacity, max(live.max() ?? 0, needed.max() ?? 0))
    for layer in layers.indices { stageRepeatedReads(layer) }
    for layer in layers.indices { stageParameters(layer) }
    for layer in layers.indices {
      if layers[layer].isReadOnce { stageBlocksAhead(layer) } else { stageAhead(layer) }
    }
    leaveOutLateBlocks(copyCyclesPerByte)
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

  /// The bytes for the parameters of a layer and of the next, where values are not what takes most of the memory.
  private static func parameterNeeds(_ layers: [LayerConstants], _ live: [Int]) -> [Int] {
    layers.indices.compactMap { layer in
      let pair = layers[layer...].prefix(2).filter(\.isReadOnce).map { $0.bytes(part: 0) }
      let bytes = pair.reduce(0, +)
      return live[layer] <= bytes ? live[layer] + bytes : nil
    }
  }

  private mutating func stageRepeatedReads(_ layer: Int) {
    let constants = layers[layer]
    let slots = constants.fewestSlots
    guard slots > 0, reserve(constants.bytes(slots: slots), constants.group) else { return }
    staging[layer] = .slots(slots, start: constants.group.lowerBound)
  }

  /// Copies parameters beside the layer before, or at the latest beside their own.
  private mutating func stageParameters(_ layer: Int) {
    let constants = layers[layer]
    let bytes = constants.bytes(part: 0)
    guard constants.isReadOnce, bytes > 0, reserve(bytes, constants.group) else { return }
    let start = extended(bytes, from: constants.group.lowerBound, by: min(1, longestLead))
    staging[layer] = .part(0, start: start)
  }

  /// Lets as many blocks as there is room for be copied while layers before still run; those of constants that are
  /// read once gain only by being there earlier.
  private mutating func stageBlocksAhead(_ layer: Int) {
    let constants = layers[layer]
    let first = constants.group.lowerBound
    var (start, present) = (first, 0)
    if case .part(_, let known) = staging[layer] {
      (start, present) = (known, constants.bytes(part: 0))
    } else if first > 0, longestLead > 0 {
      start = layers[first - 1].group.lowerBound
    }
    guard start < first else { return }
    let steps = start..<constants.group.upperBound
    guard
      let count = (1...constants.chunkBytes.count).last(where: {
        hasRoom(constants.bytes(part: $0) - present, steps)
      }), reserve(constants.bytes(part: count) - present, steps)
    else { return }
    start = extended(
      constants.bytes(part: count), from: start, by: longestLead - (first - start))
    staging[layer] = .part(count, start: start)
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
    guard hasRoom(byteCount, steps) else { return false }
    for step in steps { live[step] += aligned(byteCount) }
    return true
  }

  private func hasRoom(_ byteCount: Int, _ steps: Range<Int>) -> Bool {
    steps.allSatisfy { live[$0] + aligned(byteCount) <= limit }
  }
}

/// Rounded up to the alignment of everything in memory.
func aligned(_ byteCount: Int) -> Int {
  (byteCount + ConstantImage.alignment - 1) / ConstantImage.alignment * ConstantImage.alignment
}
