import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds products of a value and its logistic function.
  public static let recoverSwish = rewrite(
    "recover-swish", "find swish in products with the logistic function",
    .approximate("quotients are rounded otherwise than products"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      guard let (operand, op) = graph.swishProduct(id) else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    },
    Rule(replacing: Divide.self) { graph, id, _ in
      guard let (operand, op) = graph.swishQuotient(id) else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    })
}

extension Graph {
  /// `x · σ(alpha · x)`.
  fileprivate func swishProduct(_ id: NodeID) -> (operand: ValueID, op: Swish)? {
    var derivation = Derivation(in: self)
    let product = derivation.product(result(of: id))
    for (x, other) in product.pairs {
      var attempt = derivation
      guard haveSameType(x, result(of: id)), let sigma = attempt.affine(other, of: Logistic.self),
        (sigma.scale * product.scale).isNear(1), sigma.offset == 0,
        let alpha = attempt.polynomial(sigma.operand, in: x)?.slope, attempt.isClosed(except: id)
      else { continue }
      return (x, Swish(alpha: Float(alpha)))
    }
    return nil
  }

  /// `x / (1 + exp(−alpha · x))`.
  fileprivate func swishQuotient(_ id: NodeID) -> (operand: ValueID, op: Swish)? {
    var derivation = Derivation(in: self)
    let (x, divisor) = (input(of: id), nodes[id].inputs[1])
    guard nodes[id].op.isUnlimited, haveSameType(x, result(of: id)),
      let exponential = derivation.affine(divisor, of: Exp.self), exponential.scale == 1,
      exponential.offset == 1,
      let alpha = derivation.polynomial(exponential.operand, in: x)?.slope,
      derivation.isClosed(except: id)
    else { return nil }
    return (x, Swish(alpha: Float(-alpha)))
  }
}

extension Polynomial {
  /// The factor, if the polynomial is nothing but the variable times a factor.
  fileprivate var slope: Double? { isNear([0, coefficients[1]]) ? coefficients[1] : nil }
}
