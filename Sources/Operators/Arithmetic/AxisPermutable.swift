import GraphIR

/// An operator that can as well be computed with the axes of its operands in another order.
public protocol AxisPermutable: Operator {
  /// What this operator computes of operands behind transposes, computed of the operands before them: the operator, and the
  /// permutation that then puts the axes of its results in order.
  ///
  /// - Parameter permutation: of the transposes, of as many axes as the first result's operands have.
  /// - Returns: nil where it cannot be.
  func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])?
}

/// An operator that works on each element by itself, or on pairs with NumPy's broadcasting.
public protocol ElementwiseOperator: AxisPermutable {}

extension ElementwiseOperator {
  /// The operator itself: it does not know of axes.
  public func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])? {
    (self, permutation)
  }
}

extension ReductionOperator {
  /// The same reduction of the axes as they lie before.
  public func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])? {
    let rank = permutation.count
    let reduced = axes.map { $0 < 0 ? $0 + rank : $0 }
    guard reduced.allSatisfy(permutation.indices.contains) else { return nil }
    var op = self
    op.axes = reduced.map { permutation[$0] }.sorted()
    guard !keepsAxes else { return (op, permutation) }
    let kept = permutation.indices.filter { !reduced.contains($0) }.map { permutation[$0] }
    let order = kept.sorted()
    return (op, kept.map { axis in order.firstIndex(of: axis)! })  // they have the same elements
  }
}

extension Concatenation: AxisPermutable {
  /// Along the axis as it lies before.
  public func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])? {
    let axis = axis < 0 ? axis + permutation.count : axis
    guard permutation.indices.contains(axis) else { return nil }
    var copy = self
    copy.axis = permutation[axis]
    return (copy, permutation)
  }
}

extension Pad: AxisPermutable {
  /// With the pads of the axes as they lie before.
  public func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])? {
    guard before.count == permutation.count, after.count == permutation.count else { return nil }
    var copy = self
    for (axis, source) in permutation.enumerated() {
      copy.before[source] = before[axis]
      copy.after[source] = after[axis]
    }
    return (copy, permutation)
  }
}

extension StridedSlice: AxisPermutable {
  /// With the parts of the axes as they lie before.
  public func beforeTranspose(_ permutation: [Int]) -> (op: any Operator, permutation: [Int])? {
    guard [begin, size, step].allSatisfy({ $0.count == permutation.count }) else { return nil }
    var copy = self
    for (axis, source) in permutation.enumerated() {
      copy.begin[source] = begin[axis]
      copy.size[source] = size[axis]
      copy.step[source] = step[axis]
    }
    return (copy, permutation)
  }
}
