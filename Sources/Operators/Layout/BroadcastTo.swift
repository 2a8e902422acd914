import GraphIR
import Support
import Tensors

/// The operand repeated to fill a shape, by NumPy's rule.
///
/// TFLite: `BROADCAST_TO`, and `FILL`, which repeats a scalar. ONNX: `Expand` and `ConstantOfShape`.
public struct BroadcastTo: Operator {
  public static let name = "broadcast_to"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The extents of the result.
  public var shape: [Int]

  public init() { self.init(shape: []) }

  /// - Parameter shape: at least as many extents as the operand has, and equal to them where these are not 1.
  public init(shape: [Int]) { self.shape = shape }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard let whole = Shape(checking: shape), operands[0].shape.rank <= whole.rank,
      try Broadcast.shape(operands[0].shape, whole, Self.name) == whole
    else { throw Diagnostic(.notStretchable(operands[0].shape, shape)) }
    return [operands[0].moved(into: whole)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    StridedCopy.kernel(
      Broadcast.view(site.operands[0].shape, as: site.results[0].shape), of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      BroadcastTo(shape: [2, 2]),
      [Tensor(TensorType(.i32, [2, 1]), numbers: [1, 2])],
      gives: [Tensor(TensorType(.i32, [2, 2]), numbers: [1, 1, 2, 2])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func notStretchable(_ from: Shape, _ to: [Int]) -> Self {
    Self(
      id: "not-broadcastable", .malformed,
      "the operand of `broadcast_to` has the shape \(from), which does not broadcast to \(to)")
  }
}
