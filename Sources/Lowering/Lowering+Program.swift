import GraphIR
import Hardware
import Operators

/// The program, once all commands are made.
extension Lowering {
  func program() -> Program {
    Program(
      target: target, name: graph.name, memories: usedMemories, image: image.bytes,
      imageByteCount: image.byteCount, codes: codes, layers: programLayers, commands: commands,
      inputs: graph.entries.map { binding($0, nil) },
      outputs: graph.exits.map { binding($0, layer(of: $0)) }, values: valueBindings,
      allocations: allocations, eliminated: eliminated,
      hasElidedConstants: !image.isKept
        || graph.usedConstants.contains { graph.constantData($0) == nil })
  }

  /// Without any layer, nobody absorbs what only sees a value in another shape.
  private var eliminated: [SourceOperator] {
    let absorbed = layers.isEmpty ? graph.order.flatMap { graph.nodes[$0].sources } : []
    return (graph.eliminated + absorbed).sorted()
  }

  private var allocations: [Program.Allocation] {
    addresses.items.compactMap { item in
      let value =
        switch item.owner {
        case .value(let value): value
        case .constants(let layer): graph.nodes[layers[layer].node].results[0]
        }
      return addresses[item.owner].map {
        Program.Allocation(
          name: graph.values[value].name, kind: item.owner.kind, span: $0, layers: item.life)
      }
    }
  }

  private var usedMemories: [Program.Memory] {
    let described = target.memories.enumerated().map { index, memory in
      let constants = index == constantsMemory ? image.byteCount : 0
      let values = addresses.use(of: index)
      return Program.Memory(
        name: memory.name, byteCount: memory.bytes, usedBytes: max(values.end, constants),
        lowerBound: max(values.lowerBound, constants))
    }
    let buffer = target.buffer
    let bytes = buffer.banks * buffer.bankBytes
    return described + [
      Program.Memory(
        name: buffer.name, byteCount: bytes,
        usedBytes: bytes - buffer.reservedBanks * buffer.bankBytes,
        lowerBound: 0)
    ]
  }

  private var programLayers: [Program.Layer] {
    let viewed = viewSources
    return layers.enumerated().map { index, plan in
      let node = graph.nodes[plan.node]
      return Program.Layer(
        name: graph.values[node.results[0]].name, kind: node.kind,
        sources: (node.sources + (viewed[index] ?? [])).sorted(), engine: plan.engine,
        hostReason: plan.hostReason, work: graph.work(of: plan.node), tiling: plan.blocks?.tiling)
    }
  }

  /// Operators that nothing is left to do for stand in the layer that computes what they show, or the first that
  /// reads it.
  private var viewSources: [Int: [SourceOperator]] {
    var sources: [Int: [SourceOperator]] = [:]
    for node in graph.order where views.nodes.contains(node) {
      let results = graph.nodes[node].results
      let reader = layers.firstIndex { layer in
        graph.nodes[layer.node].inputs.contains(where: results.contains)
      }
      let maker = results.compactMap(layer(of:)).min()
      sources[maker ?? reader ?? 0, default: []] += graph.nodes[node].sources
    }
    return sources
  }

  /// The layer with which a value is complete; nil for what a run starts from.
  private func layer(of value: ValueID) -> Int? { uses.makers[roots[value] ?? value]?.last }

  private var valueBindings: [Program.Binding] {
    graph.order.flatMap { graph.nodes[$0].results }
      .filter { schedule.rows[$0] == nil && views.views[$0]?.isDense ?? true }
      .map { binding($0, layer(of: $0)) }
  }

  private func binding(_ value: ValueID, _ layer: Int?) -> Program.Binding {
    let definition = graph.values[value]
    return Program.Binding(
      name: definition.name, index: definition.sourceIndex, type: definition.type,
      span: span(of: value), layer: layer)
  }
}
