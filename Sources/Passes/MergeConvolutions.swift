import GraphIR
import Operators
import Tensors

extension Pass {
  /// Merges a linear layer with one behind it that only mixes channels, where this takes fewer products.
  public static let mergeConvolutions = rewrite(
    "merge-convolutions", "multiply the weights of layers in a row that nothing stands between",
    .approximate("sums of products are added in another order"),
    Rule(replacing: Conv2D.self) { graph, id, op in
      let weights = graph.values[graph.nodes[id].inputs[1]].type.shape
      guard weights[1] == 1, weights[2] == 1, op.stride == [1, 1],
        graph.haveSameImage(graph.input(of: id), graph.result(of: id))
      else { return nil }
      return try graph.mixed(id, Conv2D.self)
    },
    Rule(replacing: FullyConnected.self) { graph, id, _ in
      try graph.mixed(id, FullyConnected.self)
    })
}

extension Graph {
  /// Whether two images NHWC have the same height and width, so that nothing is padded between them.
  fileprivate func haveSameImage(_ a: ValueID, _ b: ValueID) -> Bool {
    let (first, second) = (values[a].type.shape.extents, values[b].type.shape.extents)
    return first[1...2] == second[1...2]
  }

  /// The result of a layer that mixes channels, computed from what the layer before it reads.
  fileprivate mutating func mixed<Op: Operator>(_ id: NodeID, _ kind: Op.Type) throws -> ValueID? {
    guard let (before, op) = soleProducer(of: input(of: id), as: kind), op.isUnlimited,
      let first = WeightedNode(before, in: self), let second = WeightedNode(id, in: self),
      first.layout.isDense, second.layout.isDense, mayBeLess(first, before, id),
      types(of: nodes[before].results).map(\.shape.extents.last) == [second.layout.inputs],
      let merged = first.mixed(by: second)
    else { return nil }
    let clamp = (second.op as? any ClampedOperator)?.clamp ?? .none
    let old = [before, id].map { work(of: $0).macs }
    guard
      let new = try merged.insert(into: &self, reading: first.operand, clamp: clamp, before: id),
      values[new].type == values[result(of: id)].type, let node = producer(of: new),
      work(of: node).macs < Work.sum(old[0], old[1])
    else { return nil }
    return new
  }

  /// Whether a sum of the merged node has few enough products: to know that takes no products of weights.
  private func mayBeLess(_ first: WeightedNode, _ before: NodeID, _ id: NodeID) -> Bool {
    let own = first.weights.count / max(1, first.layout.outputs)
    let old = [before, id].map { work(of: $0).macs }
    return Work.product(types(of: nodes[id].results)[0].elementCount, own)
      < Work.sum(old[0], old[1])
  }
}
