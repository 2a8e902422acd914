import GraphIR
import Tensors

/// `y = x · min(max(x + 3, 0), 6) / 6`, of `f32` elements.
public struct HardSwish: UnaryOperator {
  public static let name = "hard_swish"

  public init() {}

  public func apply(_ x: Float) -> Float { x * min(max(x + 3, 0), 6) / 6 }

  public static let examples = [
    Example(
      HardSwish(),
      [Tensor(TensorType(.f32, [4]), numbers: [-4, 0, 1, 4])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 0.666666667, 4])])
  ]
}
