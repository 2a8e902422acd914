import GraphIR
import Support
import Tensors

/// Runs two models on a sample, and then each layer of the first once more on operands of the second.
///
/// A class because it owns memory that is used again for each sample.
final class LayerMachine {
  private let model: Evaluator
  private let other: Evaluator
  private let pairs: [LayerPair]
  /// Of the model's nodes the position of their pair.
  private let pairOfNode: [NodeID: Int]
  /// Values of the other model that stand for those of the model.
  private let partners: [ValueID: ValueID]
  /// What each of the model's values would be without the errors of those before it, in the model's own type.
  private let ideal: ValueMemory
  /// What layers with partners compute on such operands.
  private let computed: ValueMemory
  private let (found, expected): (FloatMemory, FloatMemory)

  /// What one sample adds.
  typealias Errors = (run: ErrorSums, own: ErrorSums)

  convenience init(_ graph: Graph, _ other: Graph, _ pairs: [LayerPair]) throws {
    try self.init(
      Evaluator(graph, keeping: .everything), Evaluator(other, keeping: .everything), pairs)
  }

  /// A machine for another thread.
  convenience init(sharing machine: LayerMachine) throws {
    try self.init(
      Evaluator(sharing: machine.model), Evaluator(sharing: machine.other), machine.pairs)
  }

  private init(_ model: Evaluator, _ other: Evaluator, _ pairs: [LayerPair]) throws {
    self.model = model
    self.other = other
    self.pairs = pairs
    pairOfNode = Dictionary(uniqueKeysWithValues: pairs.enumerated().map { ($1.node, $0) })
    partners = Self.partners(model.graph, other.graph, pairs)
    let paired = model.graph.order.filter { id in pairs.contains { $0.node == id } }
    ideal = try ValueMemory(model.graph, model.graph.entries + model.graph.computedValues)
    computed = try ValueMemory(model.graph, paired.flatMap { model.graph.nodes[$0].results })
    let largest = [model.graph, other.graph].flatMap { graph in
      (graph.entries + graph.computedValues).map { graph.values[$0].type.elementCount }
    }.max()
    (found, expected) = (FloatMemory(largest ?? 1), FloatMemory(largest ?? 1))
  }

  /// Results of layers that are pairs, and inputs in their order, where both have as many elements.
  private static func partners(
    _ graph: Graph, _ other: Graph, _ pairs: [LayerPair]
  ) -> [ValueID: ValueID] {
    let results = pairs.flatMap { zip(graph.nodes[$0.node].results, other.nodes[$0.other].results) }
    let inputs = Array(zip(graph.inputs, other.inputs))
    return (inputs + results).reduce(into: [:]) { partners, pair in
      let counts = (graph.values[pair.0].type, other.values[pair.1].type)
      if counts.0.elementCount == counts.1.elementCount { partners[pair.0] = pair.1 }
    }
  }

  /// The errors of a sample, for each pair.
  func errors(_ inputs: (model: [Tensor], other: [Tensor])) throws -> [Errors] {
    model.reset()
    other.reset()
    try other.run(inputs.other)
    try model.run(inputs.model)
    fillEntries(inputs.model)
    var errors: [Errors?] = pairs.map { _ in nil }
    for (step, id) in model.graph.order.enumerated() {
      let index = pairOfNode[id]
      try compute(step, id, into: index == nil ? ideal : computed)
      if let index { errors[index] = measure(pairs[index]) }
    }
    return errors.compactMap { $0 }
  }

  /// The inputs are what the model gets; states are what the first run finds.
  private func fillEntries(_ inputs: [Tensor]) {
    for (id, tensor) in zip(model.graph.inputs, inputs) {
      ideal[id].copyMemory(from: tensor.data.bytes)
    }
    for state in model.graph.states {
      if let initial = state.initial { ideal[state.current].copyMemory(from: initial.bytes) }
    }
  }

  private func compute(_ step: Int, _ id: NodeID, into memory: ValueMemory) throws {
    let node = model.graph.nodes[id]
    let operands = node.inputs.map { operand in
      model.graph.constantData(operand)?.bytes ?? UnsafeRawBufferPointer(ideal[operand])
    }
    try locating(in: Diagnostic.Place(spot: model.graph.spot(of: id))) {
      try model.compute(step: step, operands, node.results.map { memory[$0] })
    }
    guard memory === computed else { return }
    // What follows gets what the other model has here; without a partner, what was just computed.
    for result in node.results { fill(result) }
  }

  private func fill(_ value: ValueID) {
    guard let partner = partners[value] else {
      return ideal[value].copyMemory(from: UnsafeRawBufferPointer(computed[value]))
    }
    let (type, given) = (model.graph.values[value].type, other.graph.values[partner].type)
    // Indices and other integers may be larger than a float can tell apart.
    if type.element == given.element, type.quantization == given.quantization {
      return ideal[value].copyMemory(from: other.bytes(of: partner))
    }
    RealBytes.read(given, other.bytes(of: partner), into: expected.numbers)
    RealBytes.store(expected.numbers, type, in: ideal[value])
  }

  private func measure(_ pair: LayerPair) -> Errors {
    let (value, partner) = (model.graph.result(of: pair.node), other.graph.result(of: pair.other))
    let type = model.graph.values[value].type
    RealBytes.read(
      other.graph.values[partner].type, other.bytes(of: partner), into: expected.numbers)
    func sums(_ bytes: UnsafeRawBufferPointer) -> ErrorSums {
      RealBytes.read(type, bytes, into: found.numbers)
      var sums = ErrorSums(channels: model.graph.channels(of: pair.node))
      sums.add(found: found.prefix(type.elementCount), expected: expected.prefix(type.elementCount))
      return sums
    }
    return (sums(model.bytes(of: value)), sums(UnsafeRawBufferPointer(computed[value])))
  }
}

/// Memory for each of some values of a graph.
private final class ValueMemory {
  private let memories: [ValueID: UnsafeMutableRawBufferPointer]

  init(_ graph: Graph, _ values: [ValueID]) throws {
    let sizes = values.map { graph.values[$0].type.byteCount }
    try MemoryLimit.check(sizes.reduce(0, +), for: "the values of a comparison layer by layer")
    memories = Dictionary(
      zip(values, sizes).map { value, size in
        (value, .allocate(byteCount: size, alignment: PreparedGraph.alignment))
      }, uniquingKeysWith: { first, _ in first })
  }

  deinit { memories.values.forEach { $0.deallocate() } }

  subscript(value: ValueID) -> UnsafeMutableRawBufferPointer {
    guard let memory = memories[value] else { preconditionFailure("a value without memory") }
    return memory
  }
}

/// Numbers of a value that is looked at.
private final class FloatMemory {
  let numbers: UnsafeMutablePointer<Float>

  init(_ count: Int) { numbers = .allocate(capacity: max(1, count)) }

  deinit { numbers.deallocate() }

  func prefix(_ count: Int) -> UnsafeBufferPointer<Float> {
    UnsafeBufferPointer(start: numbers, count: count)
  }
}

extension Graph {
  /// What nodes compute, in their order.
  fileprivate var computedValues: [ValueID] { order.flatMap { nodes[$0].results } }
}
