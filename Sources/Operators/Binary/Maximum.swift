import GraphIR
import Support
import Tensors

/// `y = max(a, b)`, with NumPy's broadcasting, of `f32`, `f64`, `i32`, `i64`, `u64`, `i8`, `u8` or
/// `i16` elements.
public struct Maximum: BinaryOperator {
  public static let name = "maximum"

  public init() {}

  public static func apply(_ a: Float, _ b: Float) -> Float { max(a, b) }

  public static let doubleForm: (@Sendable (Double, Double) -> Double)? = { max($0, $1) }

  public static let hasQuantizedForm = true

  public func quantizedKernel(_ site: Site) throws -> Kernel { try kernel(site, of: Int8.self) }

  public static let hasWideForm = true

  public func wideKernel(_ site: Site) throws -> Kernel { try kernel(site, of: Int16.self) }

  /// Operands and result are quantized alike, so stored numbers can be compared.
  private func kernel<Element: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ site: Site, of element: Element.Type
  ) throws -> Kernel {
    for operand in site.operands {
      try ElementChecks.sameQuantization(operand, site.results[0], Self.name)
    }
    return BroadcastKernel.make(site) { (a: UnsafePointer<Element>, b, count, y) in
      for index in 0..<count { y[index] = max(a[index], b[index]) }
    }
  }

  /// Of `i32` elements, which stand for themselves.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { max($0, $1) }

  /// Of `i64` elements, which stand for themselves.
  public static let longForm: (@Sendable (Int64, Int64) -> Int64)? = { max($0, $1) }

  /// Of `u64` elements, whose highest bit is no sign.
  public static let unsignedForm: (@Sendable (UInt64, UInt64) -> UInt64)? = { max($0, $1) }

  public static let examples = [
    Example(
      Maximum(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [6, 4])]),
    Example(
      Maximum(),
      [
        Tensor(TensorType(.u64, [2]), TensorData([1 << 63, 1 << 63] as [UInt64])),
        Tensor(TensorType(.u64, [2]), TensorData([3, 1 << 63 + 1] as [UInt64])),
      ],
      gives: [Tensor(TensorType(.u64, [2]), TensorData([1 << 63, 1 << 63 + 1] as [UInt64]))]),
  ]
}
