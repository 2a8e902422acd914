import GraphIR
import Tensors

/// `y = √x`, of `f32` elements.
public struct SquareRoot: UnaryOperator {
  public static let name = "sqrt"

  public init() {}

  public func apply(_ x: Float) -> Float { x.squareRoot() }

  public static let examples = [
    Example(
      SquareRoot(),
      [Tensor(TensorType(.f32, [2]), numbers: [4, 0.25])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, 0.5])])
  ]
}
