import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds rows over their Euclidean lengths.
  public static let recoverL2Norm = rewrite(
    "recover-l2-norm", "find L2 normalization in rows over the root of their sum of squares",
    .approximate("sums of squares have another order, and least lengths of their own"),
    Rule(replacing: Divide.self) { graph, id, _ in
      var derivation = Derivation(in: graph)
      let inputs = graph.nodes[id].inputs
      guard graph.nodes[id].op.isUnlimited, let sum = derivation.underLength(inputs[1]) else {
        return nil
      }
      return try graph.normalized(id, inputs[0], sum: sum, derivation)
    },
    Rule(replacing: Multiply.self) { graph, id, _ in
      var derivation = Derivation(in: graph)
      guard let (x, sum) = derivation.quotient(id, { $0.underInverseLength($1) }) else {
        return nil
      }
      return try graph.normalized(id, x, sum: sum, derivation)
    },
    Rule(replacing: LpNormalization.self) { graph, id, op in
      let x = graph.input(of: id)
      let rank = graph.values[x].type.shape.rank
      guard op.exponent == 2, graph.isReal(x), op.axis == -1 || op.axis == rank - 1 else {
        return nil
      }
      return try graph.insert(L2Normalization(), [x], before: id)[0]
    })
}

extension Graph {
  /// A row over its length, if the sum is that of its squares.
  fileprivate mutating func normalized(
    _ id: NodeID, _ x: ValueID, sum: ValueID, _ start: Derivation
  ) throws -> ValueID? {
    var derivation = start
    guard let (_, squares, axis) = derivation.reduction(sum, as: Sum.self),
      axis == values[x].type.shape.rank - 1, derivation.isSquare(squares, of: x),
      derivation.isClosed(except: id), haveSameType(x, result(of: id))
    else { return nil }
    return try insert(L2Normalization(), [x], before: id)[0]
  }
}

extension Derivation {
  /// What the root is taken of that is a length, without what keeps lengths from being 0 and shapes alike.
  fileprivate mutating func underLength(_ value: ValueID) -> ValueID? {
    let length = withoutLeast(value)
    return operand(length, as: SquareRoot.self).map { withoutLeast($0) }
  }

  /// As `underLength`, of one over a length.
  fileprivate mutating func underInverseLength(_ value: ValueID) -> ValueID? {
    let inverse = withoutLeast(value)
    if let sum = operand(inverse, as: ReciprocalSquareRoot.self) { return withoutLeast(sum) }
    return underReciprocal(inverse).flatMap { underLength($0) }
  }

  /// The value before something tiny was added, or before it was kept from being less than that, or repeated.
  private mutating func withoutLeast(_ value: ValueID) -> ValueID {
    var value = value
    while let id = graph.producer(of: value), let operand = leastOperand(id) {
      take(id)
      value = operand
    }
    return value
  }

  private func leastOperand(_ id: NodeID) -> ValueID? {
    if graph.nodes[id].op is BroadcastTo { return graph.input(of: id) }
    if let limits = graph.nodes[id].op.limits {
      return limits.upper == nil && limits.lower.map { $0.isTiny } == true
        ? graph.input(of: id) : nil
    }
    guard graph.nodes[id].op is Add || graph.nodes[id].op is Maximum,
      graph.nodes[id].op.isUnlimited, let (constant, other, _) = graph.constantAndOther(of: id),
      graph.uniformNumber(constant)?.isTiny == true
    else { return nil }
    return other
  }
}

extension Float {
  /// Whether the number only keeps quotients from being infinite.
  fileprivate var isTiny: Bool { self >= 0 && self <= 1e-6 }
}
