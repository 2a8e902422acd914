import GraphIR
import Operators
import Tensors

/// What layer normalization and root mean square normalization have in common: rows over the root of a mean of squares, then
/// factors and offsets.
extension Derivation {
  /// What stands under the root that rows are divided by, what is added to it, and what is divided.
  ///
  /// The divisor may have been multiplied with the factors before: `d · (scale / √v)`.
  mutating func rowsOverRoot(_ id: NodeID) -> RowsOverRoot? {
    let inputs = graph.nodes[id].inputs
    guard graph.nodes[id].op.isUnlimited, inputs.count == 2 else { return nil }
    if graph.nodes[id].op is Divide {
      return operand(inputs[1], as: SquareRoot.self).flatMap { root(inputs[0], $0, scale: nil) }
    }
    if let (rows, sum) = quotient(id, { $0.underInverseRoot($1) }) {
      return root(rows, sum, scale: nil)
    }
    var scale: ValueID?
    let scaled = quotient(id) { derivation, factor in
      guard let (_, factors) = derivation.node(factor, as: Multiply.self),
        let constant = factors.first(where: derivation.graph.isConstant),
        let other = factors.first(where: { $0 != constant })
      else { return nil }
      scale = constant
      return derivation.underInverseRoot(other)
    }
    return scaled.flatMap { root($0.dividend, $0.under, scale: scale) }
  }

  private mutating func root(_ rows: ValueID, _ sum: ValueID, scale: ValueID?) -> RowsOverRoot? {
    let (variance, epsilon) = withoutOffset(sum)
    guard epsilon >= 0 else { return nil }
    return RowsOverRoot(rows: rows, variance: variance, epsilon: Float(epsilon), scale: scale)
  }
}

/// `rows / √(variance + epsilon) · scale`
struct RowsOverRoot {
  let rows: ValueID
  let variance: ValueID
  let epsilon: Float
  /// Nil where there is none.
  let scale: ValueID?
}

extension Graph {
  /// Normalizes a value along some axes, and multiplies it by factors if there are any.
  ///
  /// Normalizations go along the last axes: transposes bring others there and back, and factors are a node of their own if they
  /// are not one row.
  ///
  /// - Parameter make: the normalization from an axis on.
  mutating func insertNormalization(
    of x: ValueID, along axes: [Int], scale: ValueID?, before id: NodeID,
    _ make: (_ axis: Int) -> any Operator
  ) throws -> ValueID? {
    let rank = values[x].type.shape.rank
    let permutation = (0..<rank).filter { !axes.contains($0) } + axes
    let op = make(rank - axes.count)
    if permutation == Array(0..<rank) {
      guard let scale else { return try insert(op, [x], before: id)[0] }
      guard let row = rowConstant(scale, of: x, from: axes[0]) else { return nil }
      return try insert(op, [x, row], before: id)[0]
    }
    let rows = try insert(Transpose(permutation: permutation), [x], before: id)[0]
    let normalized = try insert(op, [rows], before: id)[0]
    let result = try insert(
      Transpose(permutation: permutation.inverse), [normalized], before: id)[0]
    guard let scale else { return result }
    return try insert(Multiply(), [result, scale], before: id)[0]
  }

  /// A constant in the shape of a row, as normalizations have their factors; nil if it is none, or not of one row.
  mutating func rowConstant(_ value: ValueID, of x: ValueID, from axis: Int) -> ValueID? {
    let (type, row) = (values[value].type, Array(values[x].type.shape.extents[axis...]))
    guard let numbers = realNumbers(value),
      values[value].type.shape.rank <= values[x].type.shape.rank
    else { return nil }
    if type.shape.extents == row { return value }
    let count = row.reduce(1, *)
    guard
      numbers.count == 1
        || numbers.count == count && type.shape.extents.suffix(row.count) == row[...]
    else { return nil }
    let all = numbers.count == 1 ? Array(repeating: numbers[0], count: count) : numbers
    return addReal(all, Shape(row), like: value)
  }
}
