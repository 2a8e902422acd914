import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets convolutions and products add the numbers of channels themselves, so that no sum has to read their results back.
  public static let fuseBias = rewrite(
    "fuse-bias", "add the offsets of channels as the bias of what computes these",
    Rule(replacing: Add.self) { graph, id, add in
      try graph.biased(id, sign: 1, add.clamp)
    },
    Rule(replacing: Subtract.self) { graph, id, subtract in
      try graph.biased(id, sign: -1, subtract.clamp)
    })
}

extension Graph {
  /// What a node gives that adds numbers to channels or subtracts them, computed by the node before; nil if that has a bias
  /// already, which would be rounded together with these.
  fileprivate mutating func biased(_ id: NodeID, sign: Float, _ clamp: Clamp) throws -> ValueID? {
    guard let (found, operand) = weightedOperands(of: id, clamp), found.takesBias,
      found.bias == nil, sign > 0 || !operand.isFirst
    else { return nil }
    var node = found
    node.shiftOutputs(by: operand.numbers.map { sign * $0 }, named: operand.name)
    return try node.insert(into: &self, reading: node.operand, clamp: clamp, before: id)
  }
}
