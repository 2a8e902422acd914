import GraphIR
import Support
import Tensors

/// Square matrices with the rows of the operand on their diagonals, and zeros elsewhere.
///
/// TFLite: `MATRIX_DIAG`.
public struct MatrixDiagonal: Operator {
  public static let name = "matrix_diag"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }

  public init() {}

  /// The operand's extents, the last one twice.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard let length = operands[0].shape.extents.last,
      let shape = Shape(checking: operands[0].shape.extents + [length])
    else { throw Diagnostic(.noDiagonal(operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  /// Zeros are stored ones, whatever the zero point.
  public func kernel(for site: Site) throws -> Kernel {
    let view = StridedView(diagonalOf: site.results[0].shape)
    let width = site.results[0].element.bitWidth / 8
    return Kernel { operands, results, _ in
      for index in results[0].indices { results[0][index] = 0 }
      StridedCopy.scatter(operands[0], view, into: results[0], elementBytes: width)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      MatrixDiagonal(),
      [Tensor(TensorType(.f32, [2]), numbers: [1, 2])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 0, 0, 2])])
  ]
}

extension StridedView {
  /// The diagonals of the matrices in the last two axes.
  init(diagonalOf matrices: Shape) {
    let (extents, strides) = (matrices.extents, matrices.strides)
    let length = min(extents[extents.count - 2], extents[extents.count - 1])
    self.init(
      Shape(extents.dropLast(2) + [length]),
      strides: strides.dropLast(2) + [strides[strides.count - 2] + 1])
  }
}

extension Diagnostic.Message {
  fileprivate static func noDiagonal(_ shape: Shape) -> Self {
    Self(
      id: "bad-diagonal", .malformed, "`matrix_diag` cannot make matrices of rows from \(shape)")
  }
}
