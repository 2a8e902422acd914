import GraphIR
import Operators
import Tensors

extension Pass {
  /// Computes neighbouring channels by one convolution that several computed from the same image.
  public static let mergeBranches = rewrite(
    "merge-branches", "merge convolutions of one image whose channels are concatenated",
    Rule(replacing: Concatenation.self) { graph, id, op in
      let operands = graph.nodes[id].inputs
      let rank = graph.values[operands[0]].type.shape.rank
      guard op.axis == rank - 1 || op.axis == -1, let run = graph.run(in: operands) else {
        return nil
      }
      let merged = try graph.merged(Array(operands[run]), before: id)
      if run.count == operands.count { return merged }
      return try graph.insert(
        op, operands[..<run.lowerBound] + [merged] + operands[run.upperBound...],
        results: graph.types(of: graph.nodes[id].results), before: id)[0]
    })
}

/// What branches must have in common to be one.
private struct Branch: Equatable {
  let op: AnyHashable
  let image: ValueID
  /// Of the weights, without the output channels.
  let kernel: [Int]
  let hasBias: Bool

  /// - Returns: nil if the value is not read by one node alone, or not computed by constant weights from all channels.
  init?(_ value: ValueID, in graph: Graph) {
    guard graph.isReadOnce(value), let id = graph.producer(of: value),
      graph.nodes[id].op is Conv2D || graph.op(id, as: FullyConnected.self)?.keepsAxes == true,
      let node = WeightedNode(id, in: graph), node.layout.isDense, !Self.isNarrow(id, in: graph)
    else { return nil }
    (op, image) = (AnyHashable(node.op), node.operand)
    (kernel, hasBias) = (Array(node.layout.shape.extents.dropFirst()), node.bias != nil)
  }

  /// Whether products are added in an order that depends on how many filters there are.
  private static func isNarrow(_ id: NodeID, in graph: Graph) -> Bool {
    guard graph.op(id, as: Conv2D.self)?.sumsByChannel == true else { return false }
    let extents = graph.values[graph.nodes[id].results[0]].type.shape.extents
    return extents[3] == 1 || extents[1] * extents[2] == 1
  }
}

extension Graph {
  /// The first neighbours among values that can be computed together; nil if there are none.
  fileprivate func run(in operands: [ValueID]) -> Range<Int>? {
    let branches = operands.map { Branch($0, in: self) }
    guard
      let start = branches.indices.dropLast().first(where: { index in
        branches[index] != nil && branches[index] == branches[index + 1]
      })
    else { return nil }
    let rest = branches[start...].prefix { $0 == branches[start] }
    return start..<rest.endIndex
  }

  /// One node that gives the channels of all, one after another.
  fileprivate mutating func merged(_ operands: [ValueID], before id: NodeID) throws -> ValueID {
    let producers = operands.compactMap(producer(of:))
    let nodes = producers.compactMap { WeightedNode($0, in: self) }
    let result = try WeightedNode(beside: nodes)?.insert(
      into: &self, reading: nodes[0].operand, before: id)
    guard let result else {
      preconditionFailure("what branches have in common was compared before")
    }
    return result
  }
}
