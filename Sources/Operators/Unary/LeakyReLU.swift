import GraphIR
import Tensors

/// `y = x` where `x ≥ 0`, and `slope · x` elsewhere, of `f32` elements.
public struct LeakyReLU: UnaryOperator {
  public static let name = "leaky_relu"
  public var slope: Float

  public init() { self.init(slope: 0.01) }

  public init(slope: Float) { self.slope = slope }

  public func apply(_ x: Float) -> Float { x < 0 ? slope * x : x }

  public static let examples = [
    Example(
      LeakyReLU(slope: 0.5),
      [Tensor(TensorType(.f32, [2]), numbers: [-2, 4])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-1, 4])])
  ]
}
