import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds Gaussian error linear units in what exporters make of them.
  public static let recoverGELU = rewrite(
    "recover-gelu", "find Gaussian error linear units in sums and products with erf or tanh",
    .approximate("factors are multiplied in another order"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      guard let (operand, op) = graph.gelu(id) else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    },
    Rule(replacing: Divide.self) { graph, id, _ in
      guard let (operand, op) = graph.gelu(id) else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    })
}

extension Graph {
  /// `x · (1 + erf(x / √2)) / 2`, or the form with the hyperbolic tangent.
  fileprivate func gelu(_ id: NodeID) -> (operand: ValueID, op: GELU)? {
    var derivation = Derivation(in: self)
    let product = derivation.product(result(of: id))
    for (x, other) in product.pairs {
      var attempt = derivation
      guard haveSameType(x, result(of: id)), let op = attempt.gelu(x, product.scale, other),
        attempt.isClosed(except: id)
      else { continue }
      return (x, op)
    }
    return nil
  }
}

extension Derivation {
  /// The operator that computes `scale · x · other`, if it is one of the two.
  fileprivate mutating func gelu(_ x: ValueID, _ scale: Double, _ other: ValueID) -> GELU? {
    let start = self
    if let erf = affine(other, of: Erf.self), erf.isHalf(scale),
      let argument = polynomial(erf.operand, in: x), argument.isNear([0, 0.5.squareRoot()])
    {
      return GELU()
    }
    self = start
    let slope = (2 / Double.pi).squareRoot()
    guard let tanh = affine(other, of: Tanh.self), tanh.isHalf(scale),
      let argument = polynomial(tanh.operand, in: x),
      argument.isNear([0, slope, 0, slope * 0.044715])
    else { return nil }
    return GELU(isApproximate: true)
  }
}

extension Affine {
  /// Whether a multiple is half of one more than the function.
  fileprivate func isHalf(_ scale: Double) -> Bool {
    (scale * self.scale).isNear(0.5) && (scale * offset).isNear(0.5)
  }
}
