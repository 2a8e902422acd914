import GraphIR
import Operators
import Tensors

/// How rows are reduced to a number each, which then meets every element of the row.
extension Derivation {
  /// What a sum, mean or largest element is taken of, if it is along the last axes and these stay with an extent of 1, or get
  /// that by a reshape.
  mutating func reduction<Op: ReductionOperator>(_ value: ValueID, as kind: Op.Type) -> (
    op: Op, operand: ValueID, axis: Int
  )? {
    var attempt = self
    let inner = attempt.withoutAxes(value)
    guard let (op, operands) = attempt.node(inner, as: kind),
      case let shape = graph.values[operands[0]].type.shape,
      let axis = op.firstOfLastAxes(rank: shape.rank),
      shape.extents[..<axis] + shape.extents[axis...].map({ _ in 1 })
        == graph.values[value].type.shape.extents[...]
    else { return nil }
    self = attempt
    return (op, operands[0], axis)
  }

  /// The value before axes of extent 1 were added, and before it was compared with less than any number.
  private mutating func withoutAxes(_ value: ValueID) -> ValueID {
    var value = value
    while let id = graph.producer(of: value) {
      if graph.nodes[id].op is Reshape {
        value = graph.input(of: id)
      } else if graph.nodes[id].op is Maximum,
        let (constant, other, _) = graph.constantAndOther(of: id),
        graph.uniformNumber(constant) == -.infinity
      {
        value = other
      } else {
        break
      }
      take(id)
    }
    return value
  }

  /// Whether a value is the square of another.
  mutating func isSquare(_ value: ValueID, of x: ValueID) -> Bool {
    polynomial(value, in: x)?.isNear([0, 0, 1]) == true
  }

  /// What a value is divided by, and what is divided: `x / d` and `x · (1 / d)`, or `x · d` for `1 / d` itself.
  ///
  /// - Parameter invert: what is under the divisor that a factor stands for, nil if it stands for none.
  mutating func quotient(
    _ id: NodeID, _ invert: (inout Derivation, ValueID) -> ValueID?
  ) -> (dividend: ValueID, under: ValueID)? {
    guard graph.nodes[id].op.isUnlimited, graph.nodes[id].inputs.count == 2 else { return nil }
    let inputs = graph.nodes[id].inputs
    for (dividend, factor) in [(inputs[0], inputs[1]), (inputs[1], inputs[0])] {
      var attempt = self
      if let under = invert(&attempt, factor) {
        self = attempt
        return (dividend, under)
      }
    }
    return nil
  }

  /// What the root is taken of whose inverse a value is: `1 / √x` in one or two nodes.
  mutating func underInverseRoot(_ value: ValueID) -> ValueID? {
    var attempt = self
    let found =
      attempt.operand(value, as: ReciprocalSquareRoot.self)
      ?? attempt.underReciprocal(value).flatMap { attempt.operand($0, as: SquareRoot.self) }
    if found != nil { self = attempt }
    return found
  }

  /// `x` of `1 / x`.
  mutating func underReciprocal(_ value: ValueID) -> ValueID? {
    if let operand = operand(value, as: Reciprocal.self) { return operand }
    var attempt = self
    guard let (_, operands) = attempt.node(value, as: Divide.self),
      graph.uniformNumber(operands[0]) == 1
    else { return nil }
    self = attempt
    return operands[1]
  }
}

extension ReductionOperator {
  /// The first axis, if this one and all behind it are reduced, and no other.
  func firstOfLastAxes(rank: Int) -> Int? {
    let reduced = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
    guard let first = reduced.min(), reduced == Set(first..<rank) else { return nil }
    return first
  }
}
