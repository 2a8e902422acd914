import GraphIR
import Support
import Tensors

/// Matrices with their diagonals replaced by the rows of the second operand.
///
/// TFLite: `MATRIX_SET_DIAG`.
public struct MatrixSetDiagonal: Operator {
  public static let name = "matrix_set_diag"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }

  public init() {}

  /// The first operand's type; the second has the shorter of its last two extents in place of both.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    guard operands[0].shape.rank >= 2 else { throw Diagnostic(.noMatrices(operands[0].shape)) }
    let diagonal = StridedView(diagonalOf: operands[0].shape).shape
    try ElementChecks.shape(operands, 1, diagonal, Self.name)
    return [operands[0]]
  }

  /// All elements are of one type, because they are only moved.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    for operand in operands {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let view = StridedView(diagonalOf: site.results[0].shape)
    let width = site.results[0].element.bitWidth / 8
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: operands[0])
      StridedCopy.scatter(operands[1], view, into: results[0], elementBytes: width)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      MatrixSetDiagonal(),
      [
        Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 4, 5, 6]),
        Tensor(TensorType(.f32, [2]), numbers: [8, 9]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [8, 2, 3, 4, 9, 6])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func noMatrices(_ shape: Shape) -> Self {
    Self(id: "bad-diagonal", .malformed, "`matrix_set_diag` has no matrices in \(shape)")
  }
}
