import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds exponentials over their sum, with the largest element subtracted before or not.
  public static let recoverSoftmax = rewrite(
    "recover-softmax", "find softmax in exponentials over their sum",
    .approximate("the largest element is subtracted, and sums have another order"),
    Rule(replacing: Divide.self) { graph, id, _ in
      let inputs = graph.nodes[id].inputs
      guard graph.nodes[id].op.isUnlimited,
        let (operand, op) = graph.softmax(id, inputs[0], sum: inputs[1], Derivation(in: graph))
      else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    },
    Rule(replacing: Multiply.self) { graph, id, _ in
      var derivation = Derivation(in: graph)
      guard let (dividend, sum) = derivation.quotient(id, { $0.underReciprocal($1) }),
        let (operand, op) = graph.softmax(id, dividend, sum: sum, derivation)
      else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    })
}

extension Graph {
  /// What softmax is computed of, if exponentials are divided by their sum.
  fileprivate func softmax(
    _ id: NodeID, _ exponentials: ValueID, sum: ValueID, _ start: Derivation
  ) -> (operand: ValueID, op: Softmax)? {
    var derivation = start
    guard let (reduction, summed, axis) = derivation.reduction(sum, as: Sum.self),
      summed == exponentials, axis == values[exponentials].type.shape.rank - 1,
      let exponent = derivation.operand(exponentials, as: Exp.self)
    else { return nil }
    let operand = derivation.withoutLargest(exponent)
    guard derivation.isClosed(except: id), haveSameType(operand, result(of: id)) else { return nil }
    return (operand, Softmax(arithmetic: reduction.arithmetic))
  }
}

extension Derivation {
  /// The value before the largest element of its row was subtracted, or itself if none was.
  mutating func withoutLargest(_ value: ValueID) -> ValueID {
    var attempt = self
    guard let (_, operands) = attempt.node(value, as: Subtract.self),
      let (_, row, axis) = attempt.reduction(operands[1], as: ReduceMax.self), row == operands[0],
      axis == graph.values[row].type.shape.rank - 1
    else { return value }
    self = attempt
    return row
  }
}
