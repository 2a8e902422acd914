import GraphIR
import Tensors

/// `y = |x|`, of `f32` elements.
public struct Abs: UnaryOperator {
  public static let name = "abs"

  public init() {}

  public func apply(_ x: Float) -> Float { abs(x) }

  public static let examples = [
    Example(
      Abs(),
      [Tensor(TensorType(.f32, [3]), numbers: [-2, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [2, 0, 3])])
  ]
}
