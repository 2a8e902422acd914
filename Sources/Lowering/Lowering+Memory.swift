import GraphIR
import Hardware
import Support

/// Memory: what lies where and when.
extension Lowering {
  /// Every layer by itself if that fits the fast memory, else groups of layers, and values in slower memory.
  mutating func chooseSchedule() {
    let slow = slowMemory
    let host = target.memory(holding: .hostValues)
    if let host {
      for value in valuesOfHost { schedule.elsewhere[value] = host }
    } else if let slow {
      for value in uses.values where uses.isInterface(value) { schedule.elsewhere[value] = slow }
    }
    addInPlace()
    let room = capacity - base(of: activationsMemory)
    let isSought = strategy.byteCosts != nil || strategy.choice != nil
    guard host == nil else { return }
    let unscheduled = layers
    if !isSought, peakOfValues <= room {
      fitBlocksToPlaces()
      if slow == nil || peakWithConstants <= room { return }
    }
    // Better without room for constants than not at all. Values that nobody counted may need more than was searched for.
    for savingMemory in strategy.savesMemory ? [true] : [false, true] {
      // Nor do copies of constants that layers behind read have room in a memory that is planned to its last byte.
      for limit in [room / 32 * 31, room, room / 16 * 15, room / 8 * 7, room / 4 * 3] {
        layers = unscheduled
        guard let found = groupedSchedule(within: limit, savingMemory: savingMemory) else {
          if limit < room / 32 * 31 { break }
          continue
        }
        use(found)
        if peakOfValues <= room { return }
      }
    }
  }

  /// The memory for values that have no room in the fast one; nil if they may be nowhere else.
  private var slowMemory: Int? {
    strategy.spillsValues ? target.memory(holding: .spilledActivations) : nil
  }

  var tilingSearch: TilingSearch {
    TilingSearch(
      graph, target, slow: slowMemory, roots, strategy.byteCosts, knownBlocks)
  }

  /// Chooses the blocks of layers anew that read or write a slow memory: what is read twice, or in short runs, takes
  /// far longer there.
  private mutating func fitBlocksToPlaces() {
    guard !schedule.elsewhere.isEmpty else { return }
    let tilings = tilingSearch
    for (layer, plan) in layers.enumerated() {
      guard let problem = plan.blocks?.problem else { continue }
      let node = graph.nodes[plan.node]
      let reads = node.inputs.contains { schedule.elsewhere[tilings.root($0)] != nil }
      let writes = node.results.contains { schedule.elsewhere[tilings.root($0)] != nil }
      guard reads || writes,
        let found = tilings.best(
          tilings.number(of: problem), readsSlow: reads, writesSlow: writes)
      else { continue }
      layers[layer].blocks?.tiling = found.tiling
      schedule.tilings[layer] = found.tiling
    }
  }

  private mutating func use(_ found: Schedule) {
    schedule = found
    for (layer, tiling) in found.tilings.enumerated() {
      if let tiling { layers[layer].blocks?.tiling = tiling }
    }
    addInPlace()
  }

  private func groupedSchedule(within bytes: Int, savingMemory: Bool) -> Schedule? {
    var search = PlaceSearch(
      graph, layers, uses, tilingSearch, limit: bytes, savesMemory: savingMemory,
      choice: strategy.choice)
    return search.schedule()
  }

  /// Lets sums take over the bytes of a summand that nobody reads after them: block by block, what is overwritten was
  /// read just before. Blocks then wait for each other, so it is done only where it lowers the peak.
  private mutating func addInPlace() {
    schedule.inPlace = [:]
    let apart = liveBytes
    takeOverSummands()
    let peak = peakOfValues
    schedule.inPlace = schedule.inPlace.filter { result, _ in
      uses.maker(result).map { apart[$0] > peak } ?? false
    }
  }

  private mutating func takeOverSummands() {
    for group in schedule.groups where group.count == 1 {
      let layer = group.lowerBound
      guard layers[layer].blocks?.problem.kind == .add else { continue }
      let node = graph.nodes[layers[layer].node]
      let free = node.inputs.map { roots[$0] ?? $0 }.first {
        canTakeOver($0, node.results[0], layer)
      }
      if let free { schedule.inPlace[node.results[0]] = free }
    }
  }

  private func canTakeOver(_ operand: ValueID, _ result: ValueID, _ layer: Int) -> Bool {
    uses.byteCount[operand] != nil && uses.byteCount[operand] == uses.byteCount[result]
      && !uses.isInterface(operand) && !uses.divided.contains(operand)
      && roots[result] == nil && uses.readers[operand]?.last == layer
      && schedule.elsewhere[operand] == schedule.elsewhere[result]
      && schedule.rows[operand] == nil && schedule.rows[result] == nil
  }

  /// The most bytes of values in the fast memory at one time.
  private var peakOfValues: Int { liveBytes.max() ?? 0 }

  /// The same with the constants beside them that a layer reads several times.
  private var peakWithConstants: Int {
    zip(liveBytes, layers).map { $0 + $1.leastConstantBytes }.max() ?? 0
  }

  /// The values that no engine but the host reads or writes.
  private var valuesOfHost: [ValueID] {
    let nodes = layers.filter { $0.engine != .host }.map { graph.nodes[$0.node] }
    let touched = Set(nodes.flatMap { $0.inputs + $0.results }.map { roots[$0] ?? $0 })
    return uses.values.filter { !touched.contains($0) }
  }

  /// The bytes of values in the fast memory during each layer.
  private var liveBytes: [Int] {
    var live = Array(repeating: 0, count: layers.count)
    for (value, life) in lives where schedule.elsewhere[value] == nil {
      guard !layers.isEmpty else { break }
      for layer in life { live[layer] += aligned(byteCount(of: value)) }
    }
    return live
  }

  /// The values with bytes of their own, and the layers during which these must stay for them or for others.
  private var lives: [(value: ValueID, life: ClosedRange<Int>)] {
    let groups = schedule.groupOfLayer
    var lives: [ValueID: ClosedRange<Int>] = [:]
    for value in uses.values {
      let (life, owner) = (uses.life(value, groups), schedule.owner(of: value))
      let known = lives[owner] ?? life
      lives[owner] =
        min(known.lowerBound, life.lowerBound)...max(known.upperBound, life.upperBound)
    }
    for (value, end) in strategy.overlapsHost ? operandsOfHost : [] {
      let owner = schedule.owner(of: value)
      if let life = lives[owner] { lives[owner] = life.lowerBound...max(life.upperBound, end) }
    }
    return uses.values.compactMap { value in lives[value].map { (value, $0) } }
  }

  /// The bytes that a value takes: those of the rows that are kept.
  private func byteCount(of value: ValueID) -> Int {
    let type = graph.values[value].type
    guard let rows = schedule.rows[value] else { return type.byteCount }
    return type.byteCount / type.shape[1] * rows
  }

  /// Stages constants as early as memory allows; where a plan of addresses needs more, less early.
  mutating func planAddresses() {
    staging = layers.map { _ in .direct }
    let canStage =
      target.memory(holding: .stagedConstants) == activationsMemory
      && constantsMemory != activationsMemory
    if canStage { stageConstants(within: capacity - base(of: activationsMemory)) } else { plan() }
    noteStaging()
  }

  /// Of plans with less and less staging, the first that keeps to its limit; else the one that needs least.
  private mutating func stageConstants(within capacity: Int) {
    var best: (staging: [Staging], addresses: AddressPlan, end: Int)?
    for lead in strategy.leads {
      let plan = StagingPlan(
        layerConstants, live: liveBytes, capacity: capacity,
        copyCyclesPerByte: copyCyclesPerByte, lead: lead, fillsMemory: strategy.fillsMemory)
      staging = plan.staging
      self.plan()
      let end = addresses.use(of: activationsMemory).end
      if end < best?.end ?? .max, end <= capacity { best = (staging, addresses, end) }
      if end <= plan.limit { break }
    }
    guard let best else {
      staging = layers.map { _ in .direct }
      return plan()
    }
    (staging, addresses) = (best.staging, best.addresses)
  }

  private mutating func plan() {
    let groups = schedule.groupOfLayer
    let constants = layerConstants
    var items = lives.map { value, life in
      AddressPlan.Item(
        owner: .value(value), memory: schedule.elsewhere[value] ?? activationsMemory,
        byteCount: byteCount(of: value), life: life)
    }
    for (layer, staging) in staging.enumerated() {
      guard let (bytes, start) = constants[layer].room(for: staging) else { continue }
      items.append(
        AddressPlan.Item(
          owner: .constants(layer), memory: activationsMemory, byteCount: bytes,
          life: start...groups[layer].upperBound - 1))
    }
    addresses = AddressPlan(items, bases: target.memories.indices.map(base))
  }

  /// Behind the constants, if they are in the same memory.
  private func base(of memory: Int) -> Int {
    memory == constantsMemory ? image.alignedByteCount : 0
  }

  private mutating func noteStaging() {
    for (layer, staging) in staging.enumerated() {
      guard let blocks = layers[layer].blocks else { continue }
      layers[layer].blocks?.tiling = blocks.tiling.staging(staging != .direct)
    }
  }

  /// The first memory that has not enough bytes for what was planned; nil if all have.
  var overfullMemory: Int? {
    target.memories.indices.first { memory in
      let bytes = memory == activationsMemory ? capacity : target.memories[memory].bytes
      return addresses.use(of: memory).end > bytes
    }
  }

  var fits: Bool { overfullMemory == nil }

  /// The bytes of the memory for activations that may be used.
  var capacity: Int { strategy.capacity ?? target.memories[activationsMemory].bytes }

  var endOfActivations: Int { addresses.use(of: activationsMemory).end }
}
