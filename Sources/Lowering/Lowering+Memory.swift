import GraphIR
import Hardware
import Support

/// Memory: what lies where and when.
extension Lowering {
  /// Every layer by itself if that fits the fast memory, else groups of layers, and values in slower memory.
  mutating func chooseSchedule() throws {
    let slow = target.memory(holding: .spilledActivations)
    let host = target.memory(holding: .hostValues)
    if let host {
      for value in valuesOfHost { schedule.elsewhere[value] = host }
    } else if let slow {
      for value in uses.values where uses.isInterface(value) { schedule.elsewhere[value] = slow }
    }
    let capacity = target.memories[activationsMemory].bytes - base(of: activationsMemory)
    guard host == nil, peakOfValues > capacity else { return }
    var search = PlaceSearch(
      graph, layers, uses, TilingSearch(graph, target, roots), limit: capacity,
      objective: .latency)
    guard let found = search.schedule() else { return }
    schedule = found
    for (layer, tiling) in found.tilings.enumerated() {
      if let tiling { layers[layer].blocks?.tiling = tiling }
    }
  }

  /// The most bytes of values in the fast memory at one time.
  private var peakOfValues: Int { liveBytes.max() ?? 0 }

  /// The values that no engine but the host reads or writes.
  private var valuesOfHost: [ValueID] {
    let nodes = layers.filter { $0.engine != .host }.map { graph.nodes[$0.node] }
    let touched = Set(nodes.flatMap { $0.inputs + $0.results }.map { roots[$0] ?? $0 })
    return uses.values.filter { !touched.contains($0) }
  }

  /// The bytes of values in the fast memory during each layer.
  private var liveBytes: [Int] {
    let groups = schedule.groupOfLayer
    var live = Array(repeating: 0, count: layers.count)
    for value in uses.values where schedule.elsewhere[value] == nil {
      guard !layers.isEmpty else { break }
      for layer in uses.life(value, groups) { live[layer] += aligned(byteCount(of: value)) }
    }
    return live
  }

  /// The bytes that a value takes: those of the rows that are kept.
  private func byteCount(of value: ValueID) -> Int {
    let type = graph.values[value].type
    guard let rows = schedule.rows[value] else { return type.byteCount }
    return type.byteCount / type.shape[1] * rows
  }

  /// Stages constants as early as memory allows; where a plan of addresses needs more, less early.
  mutating func planAddresses() throws {
    let capacity = target.memories[activationsMemory].bytes - base(of: activationsMemory)
    staging = layers.map { _ in .direct }
    plan()
    let canStage =
      target.memory(holding: .stagedConstants) == activationsMemory
      && constantsMemory != activationsMemory
    if canStage { stageConstants(within: capacity) }
    noteStaging()
    try checkCapacities()
    trackHazards()
  }

  /// Of plans with less and less staging, the first that keeps to its limit; else the one that needs least.
  private mutating func stageConstants(within capacity: Int) {
    var best: (staging: [Staging], addresses: AddressPlan, end: Int)?
    for lead in [6, 2, 1, 0] {
      let plan = StagingPlan(layerConstants, live: liveBytes, capacity: capacity, lead: lead)
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
    var items = uses.values.map { value in
      AddressPlan.Item(
        owner: .value(value), memory: schedule.elsewhere[value] ?? activationsMemory,
        byteCount: byteCount(of: value), life: uses.life(value, groups))
    }
    for (layer, staging) in staging.enumerated() {
      guard case .slots(let slots, let start) = staging else { continue }
      items.append(
        AddressPlan.Item(
          owner: .constants(layer), memory: activationsMemory,
          byteCount: constants[layer].bytes(slots: slots),
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

  private func checkCapacities() throws {
    for (index, memory) in target.memories.enumerated() {
      let use = addresses.use(of: index)
      guard use.end <= memory.bytes else {
        throw Diagnostic(
          .doesNotFit("values", use.end, memory.name, memory.bytes),
          help: "at the tightest moment \(use.lowerBound) bytes are in use at once")
      }
    }
  }
}
