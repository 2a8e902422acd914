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

  /// Stages constants as early as memory allows; where a plan needs more than there is, with less staging.
  mutating func planAddresses() throws {
    let capacity = target.memories[activationsMemory].bytes - base(of: activationsMemory)
    let canStage =
      target.memory(holding: .stagedConstants) == activationsMemory
      && constantsMemory != activationsMemory
    let limits = canStage ? [capacity, peakOfValues] : []
    for limit in limits {
      staging = StagingPlan(layerConstants, live: liveBytes, capacity: limit).staging
      plan()
      if addresses.use(of: activationsMemory).end <= base(of: activationsMemory) + capacity {
        break
      }
      staging = []
    }
    if staging.isEmpty {
      staging = layers.map { _ in .direct }
      plan()
    }
    noteStaging()
    try checkCapacities()
    trackHazards()
  }

  private var layerConstants: [StagingPlan.LayerConstants] {
    let groups = schedule.groupOfLayer
    return layers.enumerated().map { index, layer in
      guard let stored = layer.constants, let tiling = layer.blocks?.tiling else {
        return .init(chunkBytes: [], readCount: 0, group: groups[index])
      }
      return .init(
        chunkBytes: (0..<stored.blocks).map { stored.chunk($0).count },
        readCount: tiling.blockCount / max(1, stored.blocks), group: groups[index])
    }
  }

  private mutating func plan() {
    let groups = schedule.groupOfLayer
    var items = uses.values.map { value in
      AddressPlan.Item(
        owner: .value(value), memory: schedule.elsewhere[value] ?? activationsMemory,
        byteCount: byteCount(of: value), life: uses.life(value, groups))
    }
    for (layer, staging) in staging.enumerated() {
      guard let start = staging.start else { continue }
      items.append(
        AddressPlan.Item(
          owner: .constants(layer), memory: activationsMemory, byteCount: stagedBytes(layer),
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
