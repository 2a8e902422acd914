import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds `x · min(max(x + 3, 0), 6) / 6` in what exporters make of it.
  public static let recoverHardSwish = rewrite(
    "recover-hard-swish", "find hard swish in products with a limited sum",
    .approximate("factors are multiplied in another order"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      guard let operand = graph.hardSwish(id) else { return nil }
      return try graph.insert(HardSwish(), [operand], before: id)[0]
    },
    Rule(replacing: Divide.self) { graph, id, _ in
      guard let operand = graph.hardSwish(id) else { return nil }
      return try graph.insert(HardSwish(), [operand], before: id)[0]
    })
}

extension Graph {
  /// What hard swish is computed of.
  fileprivate func hardSwish(_ id: NodeID) -> ValueID? {
    var derivation = Derivation(in: self)
    let product = derivation.product(result(of: id))
    return product.pairs.first { x, gate in
      var attempt = derivation
      return haveSameType(x, result(of: id)) && attempt.isGate(gate, of: x, product.scale)
        && attempt.isClosed(except: id)
    }?.0
  }
}

extension Derivation {
  /// Whether a multiple of a value is `min(max(x / 6 + 1/2, 0), 1)`.
  fileprivate mutating func isGate(_ gate: ValueID, of x: ValueID, _ scale: Double) -> Bool {
    var attempt = self
    if let (op, operands) = attempt.node(gate, as: HardSigmoid.self),
      let argument = attempt.polynomial(operands[0], in: x)
    {
      self = attempt
      let line = argument * Double(op.alpha) + Polynomial([Double(op.beta)])
      return scale.isNear(1) && line.isNear([0.5, 1 / 6])
    }
    guard let (clamp, line) = limitedPolynomial(gate, in: x), clamp.lower == 0,
      let upper = clamp.upper
    else { return false }
    return (line * scale).isNear([0.5, 1 / 6]) && (scale * Double(upper)).isNear(1)
  }
}
