import GraphIR
import Tensors

/// Whether `a ≠ b`, pair by pair, with NumPy's broadcasting, of `f32`, `i8`, `u8`, `i16`, `i32`, `i64` or `bool` elements.
public struct NotEqual: ComparisonOperator {
  public static let name = "not_equal"

  public static let isOfEquality = true

  public init() {}

  public static func holds<Number: Comparable>(_ a: Number, _ b: Number) -> Bool { a != b }

  public static let examples = [
    Example(
      NotEqual(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 2]), Tensor(TensorType(.i32, []), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [1, 0])]),
    Example(
      NotEqual(),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [2, 4]),
        Tensor(TensorType(.i8, [1], Quantization(scale: 1, zeroPoint: 1)), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [1, 0])]),
  ]
}
