import GraphIR
import Tensors

/// `y = (a − b)²`, with NumPy's broadcasting, of `f32` or `i32` elements.
public struct SquaredDifference: BinaryOperator {
  public static let name = "squared_difference"

  public init() {}

  public static func apply(_ a: Float, _ b: Float) -> Float { (a - b) * (a - b) }

  /// Wraps where a square is beyond 32 bits.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { ($0 &- $1) &* ($0 &- $1) }

  public static let examples = [
    Example(
      SquaredDifference(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [4, 64])])
  ]
}
