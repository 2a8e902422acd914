import GraphIR
import Tensors

/// `y = min(a, b)`, with NumPy's broadcasting, of `f32` or `i32` elements.
public struct Minimum: BinaryOperator {
  public static let name = "minimum"

  public init() {}

  public static func apply(_ a: Float, _ b: Float) -> Float { min(a, b) }

  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { min($0, $1) }

  public static let examples = [
    Example(
      Minimum(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [4, -4])])
  ]
}
