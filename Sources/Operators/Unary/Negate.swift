import GraphIR
import Tensors

/// `y = −x`, of `f32` elements.
public struct Negate: UnaryOperator {
  public static let name = "neg"

  public init() {}

  public func apply(_ x: Float) -> Float { -x }

  public static let examples = [
    Example(
      Negate(),
      [Tensor(TensorType(.f32, [2]), numbers: [-2, 3])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -3])])
  ]
}
