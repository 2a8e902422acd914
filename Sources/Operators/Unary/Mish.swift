import Foundation
import GraphIR
import Tensors

/// `y = x · tanh(log(1 + exp(x)))`, of `f32` or `f64` elements.
public struct Mish: UnaryOperator {
  public static let name = "mish"

  public init() {}

  public func apply(_ x: Float) -> Float { x * tanh(max(x, 0) + log1p(exp(-abs(x)))) }

  public var doubleForm: DoubleForm? {
    { x in x * tanh(max(x, 0) + log1p(exp(-abs(x)))) }
  }

  public static let examples = [
    Example(
      Mish(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.3034014614, 0, 2.986535005])])
  ]
}
