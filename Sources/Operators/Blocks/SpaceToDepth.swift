import GraphIR
import Support
import Tensors

/// Each block of pixels as one pixel, with the channels of all, row by row.
///
/// TFLite: `SPACE_TO_DEPTH`.
public struct SpaceToDepth: Operator {
  public static let name = "space_to_depth"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// Height and width of a block.
  public var blockSize: Int

  public init() { self.init(blockSize: 1) }

  /// - Parameter blockSize: divides height and width of the operand.
  public init(blockSize: Int) { self.blockSize = blockSize }

  /// `[batch, height / b, width / b, channels · b²]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let x = operands[0].shape
    guard blockSize > 0, x[1] % blockSize == 0, x[2] % blockSize == 0 else {
      throw Diagnostic(.badBlock(blockSize, x))
    }
    let shape = Shape([x[0], x[1] / blockSize, x[2] / blockSize, x[3] * blockSize * blockSize])
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (x, y) = (site.operands[0].shape, site.results[0].shape)
    let strides = x.strides
    let view = StridedView(
      Shape([x[0], y[1], y[2], blockSize, blockSize, x[3]]),
      strides: [
        strides[0], blockSize * strides[1], blockSize * strides[2], strides[1], strides[2], 1,
      ])
    return StridedCopy.kernel(view, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      SpaceToDepth(blockSize: 2),
      [Tensor(TensorType(.f32, [1, 2, 4, 1]), numbers: [1, 2, 5, 6, 3, 4, 7, 8])],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 4]), numbers: [1, 2, 3, 4, 5, 6, 7, 8])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badBlock(_ size: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-block", .malformed, "`space_to_depth` cannot cut \(shape) into blocks of \(size)")
  }
}
