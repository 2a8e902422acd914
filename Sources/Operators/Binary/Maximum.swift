import GraphIR
import Tensors

/// `y = max(a, b)`, with NumPy's broadcasting, of `f32` or `i32` elements.
public struct Maximum: BinaryOperator {
  public static let name = "maximum"

  public init() {}

  public static func apply(_ a: Float, _ b: Float) -> Float { max(a, b) }

  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { max($0, $1) }

  public static let examples = [
    Example(
      Maximum(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [6, 4])])
  ]
}
