import Foundation
import GraphIR
import Tensors

/// `y = arcosh(x)`, of `f32` or `f64` elements; NaN below 1.
public struct Acosh: UnaryOperator {
  public static let name = "acosh"

  public init() {}

  public func apply(_ x: Float) -> Float { acosh(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in acosh(x) }
  ]

  public static let examples = [
    Example(
      Acosh(),
      [Tensor(TensorType(.f32, [2]), numbers: [1, 10])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 2.993222846])])
  ]
}
