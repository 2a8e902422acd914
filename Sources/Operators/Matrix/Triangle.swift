import GraphIR
import Support
import Tensors

/// The upper or lower triangle of the matrices in the last two axes, with zeros elsewhere.
public struct Triangle: Operator {
  public static let name = "triangle"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The last diagonal that belongs to the triangle: above the main one if positive, below it if negative.
  public var diagonal: Int
  /// Whether what is above the diagonal stays, not what is below.
  public var isUpper: Bool

  public init() { self.init(isUpper: true) }

  /// - Parameters:
  ///   - isUpper: says which triangle stays.
  ///   - diagonal: any number; one far away leaves all elements, or none.
  public init(isUpper: Bool, diagonal: Int = 0) {
    self.isUpper = isUpper
    self.diagonal = diagonal
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard operands[0].shape.rank >= 2 else { throw Diagnostic(.noMatrix(operands[0].shape)) }
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  /// Zeros are stored ones, whatever the zero point.
  public func kernel(for site: Site) throws -> Kernel {
    let type = site.operands[0]
    let (height, width) = (type.shape[type.shape.rank - 2], type.shape[type.shape.rank - 1])
    let bytes = type.element.bitWidth / 8
    let kept = (0..<height).map { keptColumns(row: $0, width) }
    return Kernel { operands, results, _ in
      for index in results[0].indices { results[0][index] = 0 }
      for row in 0..<type.elementCount / width {
        let columns = kept[row % height]
        let start = (row * width + columns.lowerBound) * bytes
        results[0].copy(columns.count * bytes, of: operands[0], from: start, to: start)
      }
    }
  }

  /// The columns of a row that belong to the triangle.
  private func keptColumns(row: Int, _ width: Int) -> Range<Int> {
    // A diagonal at the end of the integers must not overflow.
    let near = min(max(diagonal, -(1 << 61)), 1 << 61)
    let edge = min(max(row + near + (isUpper ? 0 : 1), 0), width)
    return isUpper ? edge..<width : 0..<edge
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Triangle(),
      [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 4, 5, 6])],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 0, 5, 6])]),
    Example(
      Triangle(isUpper: false, diagonal: -1),
      [Tensor(TensorType(.i64, [1, 3, 2]), numbers: [1, 2, 3, 4, 5, 6])],
      gives: [Tensor(TensorType(.i64, [1, 3, 2]), numbers: [0, 0, 3, 0, 5, 6])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func noMatrix(_ shape: Shape) -> Self {
    Self(id: "no-matrix", .malformed, "`triangle` of shape \(shape), which has no matrices")
  }
}
