import GraphIR
import Tensors

/// `y = a · 2ᵇ`, with NumPy's broadcasting, of `i8`, `u8`, `i16`, `i32`, `u32`, `i64` or `u64` elements.
///
/// High bits are lost; a `b` of an element's width or more shifts them all out, and a negative one counts as 0.
public struct LeftShift: PairwiseOperator {
  public static let name = "left_shift"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .i8: form { (a: Int8, b) in shifted(a, b) },
    .u8: form { (a: UInt8, b) in shifted(a, b) },
    .i16: form { (a: Int16, b) in shifted(a, b) },
    .i32: form { (a: Int32, b) in shifted(a, b) },
    .u32: form { (a: UInt32, b) in shifted(a, b) },
    .i64: form { (a: Int64, b) in shifted(a, b) },
    .u64: form { (a: UInt64, b) in shifted(a, b) },
  ]

  private static func shifted<Integer: FixedWidthInteger>(_ a: Integer, _ b: Integer) -> Integer {
    a << max(Int(clamping: b), 0)
  }

  public static let examples = [
    Example(
      LeftShift(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [6, -1]),
        Tensor(TensorType(.i32, [1]), numbers: [1]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [12, -2])])
  ]
}
