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
      graph.values[value].type.shape == shape.with(1, in: axis..<shape.rank)
    else { return nil }
    self = attempt
    return (op, operands[0], axis)
  }

  /// What a mean is taken of, and along which axes: as one operator, or as a sum over the number of elements.
  ///
  /// - Parameter keepsAxes: whether axes have to stay with an extent of 1, or get that by a reshape.
  mutating func mean(_ value: ValueID, keepsAxes: Bool = true) -> (ValueID, axes: [Int])? {
    var attempt = self
    let scaled = attempt.product(attempt.withoutAxes(value))
    guard scaled.factors.count == 1, case let inner = attempt.withoutAxes(scaled.factors[0]),
      let producer = graph.producer(of: inner),
      let op = graph.nodes[producer].op as? any ReductionOperator, op is Mean || op is Sum,
      graph.isReal(inner), case let operand = graph.input(of: producer),
      case let shape = graph.values[operand].type.shape,
      case let axes = op.reducedAxes(rank: shape.rank),
      case let count = op is Mean ? 1 : axes.map({ shape[$0] }).reduce(1, *),
      (scaled.scale * Double(count)).isNear(1), !axes.isEmpty,
      !keepsAxes || graph.values[value].type.shape == shape.with(1, in: axes)
    else { return nil }
    attempt.take(producer)
    self = attempt
    return (operand, axes)
  }

  /// The value before a number was added to it, and that number.
  mutating func withoutOffset(_ value: ValueID) -> (ValueID, offset: Double) {
    var attempt = self
    guard let (_, operands) = attempt.node(value, as: Add.self),
      let constant = operands.first(where: { graph.uniformNumber($0) != nil }),
      let other = operands.first(where: { $0 != constant }),
      graph.values[other].type == graph.values[value].type
    else { return (value, 0) }
    self = attempt
    return (other, Double(graph.uniformNumber(constant) ?? 0))
  }

  /// The value before axes of extent 1 were added, and before limits from below that change nothing.
  mutating func withoutAxes(_ value: ValueID, limits: [Float] = [-.infinity]) -> ValueID {
    var value = value
    while let id = graph.producer(of: value) {
      if graph.nodes[id].op is Reshape {
        value = graph.input(of: id)
      } else if graph.nodes[id].op is Maximum,
        let (constant, other, _) = graph.constantAndOther(of: id),
        let limit = graph.uniformNumber(constant), limits.contains(limit)
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
  /// The axes that are reduced, counted from the front.
  func reducedAxes(rank: Int) -> [Int] { Set(axes.map { $0 < 0 ? $0 + rank : $0 }).sorted() }

  /// The first axis, if this one and all behind it are reduced, and no other.
  func firstOfLastAxes(rank: Int) -> Int? {
    let reduced = reducedAxes(rank: rank)
    guard let first = reduced.first, reduced == Array(first..<rank) else { return nil }
    return first
  }
}

extension Shape {
  /// The same with another extent in some axes.
  fileprivate func with(_ extent: Int, in axes: some Sequence<Int>) -> Shape {
    var extents = self.extents
    for axis in axes { extents[axis] = extent }
    return Shape(extents)
  }
}
