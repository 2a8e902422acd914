import GraphIR
import Support
import Tensors

/// Compares what a graph computes before and after each pass, on the same seeded inputs.
public struct RewriteCheck {
  private let inputs: [Tensor]
  private var graph: Graph
  /// What leaves the graph, in the order of its exits.
  private var results: [Tensor]

  /// Computes the graph once as it is before any pass.
  ///
  /// - Parameter seed: of the noise for the inputs.
  /// - Throws: a `Diagnostic` if the graph cannot be computed, because a constant is elided, say.
  public init(_ graph: Graph, seed: UInt64 = 1) throws {
    inputs = graph.inputs.enumerated().map { position, id in
      Tensor.random(graph.values[id].type, seed: seed &+ UInt64(position))
    }
    self.graph = graph
    results = try graph.values(of: graph.exits, for: inputs, keeping: .outputs)
  }

  /// Compares with the graph after a pass, which is then what the next is compared with.
  ///
  /// - Throws: a `changed-results` diagnostic that names the pass and the first value that differs by more than the pass may.
  public mutating func check(_ step: Pipeline.Step) throws {
    guard step.hasChanged else { return }
    let found = try step.graph.values(of: step.graph.exits, for: inputs, keeping: .outputs)
    let tolerance = step.pass.exactness.tolerance
    let exit = zip(results, found).enumerated().first { _, pair in
      pair.1.firstDifference(from: pair.0, tolerance: tolerance) != nil
    }
    if let exit {
      throw try changedResult(step, at: step.graph.exits[exit.offset], tolerance)
    }
    (graph, results) = (step.graph, found)
  }

  /// About the first value, in the order of computation, that both graphs name, in one layout, and that is not the same in both.
  private func changedResult(
    _ step: Pipeline.Step, at exit: ValueID, _ tolerance: Double
  ) throws -> Diagnostic {
    let old = Dictionary(graph.computed.map { (graph.values[$0].name, $0) }) { first, _ in first }
    let shared = step.graph.computed.compactMap { new in
      old[step.graph.values[new].name].map { (old: $0, new: new) }
    }
    .filter { graph.values[$0.old].type == step.graph.values[$0.new].type }
    let before = try graph.values(of: shared.map(\.old), for: inputs, keeping: .everything)
    let after = try step.graph.values(of: shared.map(\.new), for: inputs, keeping: .everything)
    for (pair, tensors) in zip(shared, zip(before, after)) {
      if let index = tensors.1.firstDifference(from: tensors.0, tolerance: tolerance) {
        let numbers = (tensors.0.storedNumbers[index], tensors.1.storedNumbers[index])
        let name = step.graph.values[pair.new].name
        return Diagnostic(.changedResults(step.pass.name, name, index, numbers))
      }
    }
    return Diagnostic(.changedExit(step.pass.name, step.graph.values[exit].name))
  }
}

extension Graph {
  /// The results of all nodes, in the order of computation.
  fileprivate var computed: [ValueID] { order.flatMap { nodes[$0].results } }

  /// Some values for the given inputs.
  fileprivate func values(
    of ids: [ValueID], for inputs: [Tensor], keeping: Evaluator.Keeping
  ) throws -> [Tensor] {
    let evaluator = try Evaluator(self, keeping: keeping)
    try evaluator.run(inputs)
    return ids.map(evaluator.value)
  }
}

extension Pass.Exactness {
  /// How far a result may be from what it was, as a part of the range of the tensor that it belongs to.
  package var tolerance: Double {
    switch self {
    case .exact: 0
    case .approximate: 1e-5
    case .restoring: 1e-3
    // Some steps of 8 bits: those of one layer add up in the next.
    case .quantizing: 0.05
    }
  }
}

extension Tensor {
  /// The index of the first element that is further from the other tensor's than a part of that tensor's range; 0 if the
  /// types differ, nil if nothing does.
  ///
  /// - Parameter tolerance: 0 if all bits must be the same but for those of what is no number.
  package func firstDifference(from other: Tensor, tolerance: Double) -> Int? {
    guard type == other.type else { return 0 }
    guard data != other.data else { return nil }
    let (found, expected) = (storedNumbers, other.storedNumbers)
    let allowed = tolerance * expected.range
    return found.indices.first { index in
      let (x, y) = (found[index], expected[index])
      if x.isNaN || y.isNaN { return x.isNaN != y.isNaN }
      let isSame = tolerance > 0 ? x == y : x.bitPattern == y.bitPattern
      return !isSame && !(tolerance > 0 && abs(x - y) <= allowed)
    }
  }
}

extension [Double] {
  /// From the smallest finite number to the largest, or from 0 where that is further.
  fileprivate var range: Double {
    let finite = filter(\.isFinite)
    let (low, high) = (finite.min() ?? 0, finite.max() ?? 0)
    return Swift.max(high - low, abs(low), abs(high))
  }
}

extension Diagnostic.Message {
  fileprivate static func changedResults(
    _ pass: String, _ value: String, _ index: Int, _ numbers: (Double, Double)
  ) -> Self {
    Self(
      id: "changed-results", .ourFault,
      "pass `\(pass)` changed element \(index) of `\(value)` from \(numbers.0) to \(numbers.1)")
  }

  fileprivate static func changedExit(_ pass: String, _ value: String) -> Self {
    Self(id: "changed-results", .ourFault, "pass `\(pass)` changed `\(value)`")
  }
}
