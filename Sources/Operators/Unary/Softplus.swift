import Foundation
import GraphIR
import Tensors

/// `y = log(1 + exp(x))`, of `f32` or `f64` elements.
public struct Softplus: UnaryOperator {
  public static let name = "softplus"

  public init() {}

  /// The larger part comes first: the exponential of a large number would be infinite.
  public func apply(_ x: Float) -> Float { max(x, 0) + log1p(exp(-abs(x))) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in max(x, 0) + log1p(exp(-abs(x))) }
  ]

  public static let examples = [
    Example(
      Softplus(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 100])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [0.3132616875, 0.6931471806, 100])])
  ]
}
