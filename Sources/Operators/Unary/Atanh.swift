import Foundation
import GraphIR
import Tensors

/// `y = artanh(x)`, of `f32` or `f64` elements; NaN outside of −1 ... 1.
public struct Atanh: UnaryOperator {
  public static let name = "atanh"

  public init() {}

  public func apply(_ x: Float) -> Float { atanh(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in atanh(x) }
  ]

  public static let examples = [
    Example(
      Atanh(),
      [Tensor(TensorType(.f32, [3]), numbers: [-0.5, 0, 0.5])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.5493061443, 0, 0.5493061443])])
  ]
}
