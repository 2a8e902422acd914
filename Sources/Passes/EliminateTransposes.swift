import GraphIR
import Operators
import Tensors

extension Pass {
  /// Moves elements at most once between two nodes that compute, and not at all where they end where they began.
  public static let eliminateTransposes = rewrite(
    "eliminate-transposes", "merge transposes in a row, and drop those that move nothing",
    Rule(replacing: Transpose.self) { graph, id, transpose in
      let operand = graph.input(of: id)
      return transpose.isIdentity && graph.haveSameType(operand, graph.result(of: id))
        ? operand : nil
    },
    // Where extents of 1 are all that changes places, the elements lie as before.
    Rule(replacing: Transpose.self) { graph, id, transpose in
      let (operand, result) = (graph.input(of: id), graph.result(of: id))
      let type = graph.values[result].type
      let moved = transpose.permutation.filter { graph.values[operand].type.shape[$0] != 1 }
      guard !transpose.isIdentity, moved == moved.sorted(), type.quantization?.isPerTensor ?? true,
        !graph.isBesideTranspose(id)
      else { return nil }
      return try graph.insert(
        Reshape(shape: type.shape.extents), [operand], results: [type], before: id)[0]
    },
    Rule(replacing: Transpose.self) { graph, id, outer in
      guard let producer = graph.producer(of: graph.input(of: id)),
        let inner = graph.op(producer, as: Transpose.self)
      else { return nil }
      let source = graph.input(of: producer)
      let merged = outer.after(inner)
      if merged.isIdentity, graph.haveSameType(source, graph.result(of: id)) { return source }
      return try graph.insert(
        merged, [source], results: graph.types(of: graph.nodes[id].results), before: id)[0]
    })
}

extension Transpose {
  fileprivate var isIdentity: Bool { permutation == Array(permutation.indices) }

  /// The transpose that does what `inner`, and then this one, do.
  fileprivate func after(_ inner: Transpose) -> Transpose {
    Transpose(permutation: permutation.map { inner.permutation[$0] })
  }
}

extension Graph {
  /// Whether a transpose reads what another gives, so that both can be merged.
  fileprivate func isBesideTranspose(_ id: NodeID) -> Bool {
    let producer = producer(of: input(of: id)).map { [$0] } ?? []
    let neighbours = producer + values[result(of: id)].uses.map(\.node)
    return neighbours.contains { op($0, as: Transpose.self) != nil }
  }

  /// Whether one can be read instead of the other; a layout operator may also have changed what integers stand for.
  func haveSameType(_ a: ValueID, _ b: ValueID) -> Bool { values[a].type == values[b].type }
}
