import GraphIR
import Support
import Tensors

/// Each pixel as a block of pixels, among which its channels are divided, row by row.
///
/// TFLite: `DEPTH_TO_SPACE`.
public struct DepthToSpace: Operator {
  public static let name = "depth_to_space"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// Height and width of a block.
  public var blockSize: Int

  public init() { self.init(blockSize: 1) }

  /// - Parameter blockSize: its square divides the operand's channels.
  public init(blockSize: Int) { self.blockSize = blockSize }

  /// `[batch, height · b, width · b, channels / b²]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let x = operands[0].shape
    guard blockSize > 0, blockSize <= x[3], x[3] % Work.product(blockSize, blockSize) == 0 else {
      throw Diagnostic(.badBlock(blockSize, x))
    }
    let shape = Shape([x[0], x[1] * blockSize, x[2] * blockSize, x[3] / blockSize / blockSize])
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (x, depth) = (site.operands[0].shape, site.results[0].shape[3])
    let strides = x.strides
    let view = StridedView(
      Shape([x[0], x[1], blockSize, x[2], blockSize, depth]),
      strides: [strides[0], strides[1], blockSize * depth, strides[2], depth, 1])
    return StridedCopy.kernel(view, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      DepthToSpace(blockSize: 2),
      [Tensor(TensorType(.f32, [1, 1, 2, 4]), numbers: [1, 2, 3, 4, 5, 6, 7, 8])],
      gives: [Tensor(TensorType(.f32, [1, 2, 4, 1]), numbers: [1, 2, 5, 6, 3, 4, 7, 8])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badBlock(_ size: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-block", .malformed,
      "`depth_to_space` cannot divide the channels of \(shape) into blocks of \(size)")
  }
}
