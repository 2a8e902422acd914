import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets convolutions and products add the numbers of channels themselves, so that no sum has to read their results back.
  public static let fuseBias = rewrite(
    "fuse-bias", "add the offsets of channels as the bias of what computes these",
    Rule(replacing: Add.self) { graph, id, add in
      guard let (constant, other, _) = graph.constantAndOther(of: id) else { return nil }
      return try graph.biased(other, by: constant, sign: 1, add.clamp, before: id)
    },
    Rule(replacing: Subtract.self) { graph, id, subtract in
      guard let (constant, other, isFirst) = graph.constantAndOther(of: id), !isFirst else {
        return nil
      }
      return try graph.biased(other, by: constant, sign: -1, subtract.clamp, before: id)
    })
}

extension Graph {
  /// The sum of a value and the numbers of its channels, computed by the node before; nil if that has a bias already, which
  /// would be rounded together with these.
  fileprivate mutating func biased(
    _ value: ValueID, by constant: ValueID, sign: Float, _ clamp: Clamp, before id: NodeID
  ) throws -> ValueID? {
    guard isReadOnce(value), let producer = producer(of: value),
      var node = WeightedNode(producer, in: self), node.takesBias, node.bias == nil,
      let numbers = channelNumbers(constant, count: node.layout.outputs),
      node.op.isUnlimited, clamp.isOpen || node.op is any ClampedOperator
    else { return nil }
    node.shiftOutputs(by: numbers.map { sign * $0 }, named: constant)
    return try node.insert(into: &self, reading: node.operand, clamp: clamp, before: id)
  }
}
