import GraphIR
import Operators
import Tensors

/// What layer normalization and root mean square normalization have in common: rows over the root of a mean of squares, then
/// factors and offsets.
extension Derivation {
  /// The mean of squares under the root that rows are divided by, what is added to it, and what is divided.
  ///
  /// The divisor may have been multiplied with the factors before: `d · (scale / √v)`.
  mutating func rowsOverRoot(_ id: NodeID) -> RowsOverRoot? {
    let inputs = graph.nodes[id].inputs
    guard graph.nodes[id].op.isUnlimited, inputs.count == 2 else { return nil }
    if graph.nodes[id].op is Divide {
      return operand(inputs[1], as: SquareRoot.self).flatMap { root(inputs[0], $0, scale: nil) }
    }
    if let (rows, mean) = quotient(id, { $0.underInverseRoot($1) }) {
      return root(rows, mean, scale: nil)
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

  private mutating func root(_ rows: ValueID, _ mean: ValueID, scale: ValueID?) -> RowsOverRoot? {
    guard let sum = affine(mean, of: Mean.self), sum.scale == 1, sum.offset >= 0,
      sum.op.keepsAxes,
      let axis = sum.op.firstOfLastAxes(rank: graph.values[sum.operand].type.shape.rank)
    else { return nil }
    return RowsOverRoot(
      rows: rows, squares: sum.operand, epsilon: Float(sum.offset), axis: axis, scale: scale)
  }
}

/// `rows / √(mean of squares + epsilon) · scale`
struct RowsOverRoot {
  let rows: ValueID
  let squares: ValueID
  let epsilon: Float
  /// The first of the axes that the mean is along.
  let axis: Int
  /// Nil where there is none.
  let scale: ValueID?
}

extension Graph {
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
