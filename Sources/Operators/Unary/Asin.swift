import Foundation
import GraphIR
import Tensors

/// `y = arcsin(x)`, of `f32` or `f64` elements; NaN outside of −1 ... 1.
public struct Asin: UnaryOperator {
  public static let name = "asin"

  public init() {}

  public func apply(_ x: Float) -> Float { asin(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in asin(x) }
  ]

  public static let examples = [
    Example(
      Asin(),
      [Tensor(TensorType(.f32, [3]), numbers: [-0.5, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.5235987756, 0, 1.570796327])])
  ]
}
