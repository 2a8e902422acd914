import Foundation
import GraphIR
import Tensors

/// `y = a − trunc(a / b) · b`, which has the sign of `a`, with NumPy's broadcasting, of `f32`, `f64`, `i32`, `i64` or `u64`
/// elements.
///
/// An integer divided by 0 leaves 0.
public struct Remainder: PairwiseOperator {
  public static let name = "remainder"

  public init() {}

  public static let forms: [ElementType: PairwiseForm] = [
    .f32: form { (a: Float, b) in fmod(a, b) },
    .f64: form { (a: Double, b) in fmod(a, b) },
    .i32: form { (a: Int32, b) in remainder(a, b) },
    .i64: form { (a: Int64, b) in remainder(a, b) },
    .u64: form { (a: UInt64, b) in remainder(a, b) },
  ]

  private static func remainder<Integer: FixedWidthInteger>(_ a: Integer, _ b: Integer)
    -> Integer
  {
    b == 0 ? 0 : a.remainderReportingOverflow(dividingBy: b).partialValue
  }

  public static let examples = [
    Example(
      Remainder(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [7, -7]),
        Tensor(TensorType(.i32, [1]), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, -1])]),
    Example(
      Remainder(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [-4.5, 5.5]),
        Tensor(TensorType(.f32, [1]), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-0.5, 1.5])]),
  ]
}
