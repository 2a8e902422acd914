import GraphIR
import Operators
import Tensors

extension Pass {
  /// Renames extents at most once between two nodes that compute, and not at all for a reader that sees only rows.
  public static let eliminateReshapes = rewrite(
    "eliminate-reshapes", "merge reshapes in a row, and drop those that no reader needs",
    Rule(replacing: Reshape.self) { graph, id, _ in
      let operand = graph.input(of: id)
      return graph.haveSameType(operand, graph.result(of: id)) ? operand : nil
    },
    Rule(replacing: Reshape.self) { graph, id, outer in
      guard let source = graph.reshaped(graph.input(of: id)) else { return nil }
      if graph.haveSameType(source, graph.result(of: id)) { return source }
      return try graph.insert(
        outer, [source], results: graph.types(of: graph.nodes[id].results), before: id)[0]
    },
    Rule(replacing: FullyConnected.self) { graph, id, fullyConnected in
      let rows = graph.input(of: id)
      // Without axes to keep, it splits the elements into rows by the weights' extent alone.
      guard !fullyConnected.keepsAxes, let source = graph.reshaped(rows),
        graph.values[source].type.quantization == graph.values[rows].type.quantization
      else { return nil }
      return try graph.insert(
        fullyConnected, [source] + graph.nodes[id].inputs.dropFirst(),
        results: graph.types(of: graph.nodes[id].results), before: id)[0]
    })
}

extension Graph {
  /// What the reshape reads that computes `value`; nil if none does.
  fileprivate func reshaped(_ value: ValueID) -> ValueID? {
    guard let producer = producer(of: value), op(producer, as: Reshape.self) != nil else {
      return nil
    }
    return input(of: producer)
  }
}
