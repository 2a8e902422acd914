import GraphIR
import Support
import Tensors

/// The determinants of the square matrices in the last two axes, of `f32` elements.
public struct Determinant: Operator {
  public static let name = "determinant"

  public init() {}

  /// The operand's extents without the last two, which are equal.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let extents = operands[0].shape.extents
    guard extents.count >= 2, extents[extents.count - 1] == extents[extents.count - 2] else {
      throw Diagnostic(.notSquare(operands[0].shape))
    }
    return [TensorType(operands[0].element, Shape(Array(extents.dropLast(2))))]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let size = site.operands[0].shape.extents.last ?? 1
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), results[0].pointer(to: Float.self))
      for index in 0..<count {
        let matrix = UnsafeBufferPointer(start: x + index * size * size, count: size * size)
        y[index] = Float(Self.determinant(matrix.map(Double.init), size))
      }
    }
  }

  /// The product of the diagonal, once everything below it is eliminated.
  private static func determinant(_ matrix: [Double], _ size: Int) -> Double {
    var (rows, product) = (matrix, 1.0)
    for column in 0..<size {
      let pivot = pivotRow(rows, column, size)
      if pivot != column {
        for place in 0..<size { rows.swapAt(pivot * size + place, column * size + place) }
        product.negate()
      }
      let diagonal = rows[column * size + column]
      product *= diagonal
      if diagonal == 0 { return 0 }
      eliminate(column, from: &rows, size)
    }
    return product
  }

  /// The row with the largest element of a column, from the diagonal on: a small one would lose digits.
  private static func pivotRow(_ rows: [Double], _ column: Int, _ size: Int) -> Int {
    (column..<size).max { abs(rows[$0 * size + column]) < abs(rows[$1 * size + column]) } ?? column
  }

  /// Takes multiples of a row from those below, so that their elements of the column are 0.
  private static func eliminate(_ column: Int, from rows: inout [Double], _ size: Int) {
    for row in column + 1..<max(size, column + 1) {
      let factor = rows[row * size + column] / rows[column * size + column]
      for place in column..<size {
        rows[row * size + place] -= factor * rows[column * size + place]
      }
    }
  }

  /// A third of `size³` products for each matrix.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let size = operands[0].shape.extents.last ?? 1
    return Work(macs: Work.product(operands[0].elementCount, (size + 2) / 3))
  }

  public static let examples = [
    Example(
      Determinant(),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [0, 1, 2, 3])],
      gives: [Tensor(TensorType(.f32, []), numbers: [-2])]),
    Example(
      Determinant(),
      [
        Tensor(
          TensorType(.f32, [2, 3, 3]),
          numbers: [2, 0, 1, 1, 3, 2, 1, 1, 4, 1, 2, 3, 2, 4, 6, 0, 1, 1])
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [18, 0])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func notSquare(_ shape: Shape) -> Self {
    Self(
      id: "not-square", .malformed,
      "`determinant` has an operand of shape \(shape), whose matrices are not square")
  }
}
