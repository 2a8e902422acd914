import Foundation
import GraphIR
import Tensors

/// `y = erf(x)`, the error function `2 / √π · ∫ exp(−t²) dt` from 0 to x, of `f32` or `f64` elements.
public struct Erf: UnaryOperator {
  public static let name = "erf"

  public init() {}

  public func apply(_ x: Float) -> Float { erff(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in erf(x) }
  ]

  public static let examples = [
    Example(
      Erf(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 0.5])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.8427007929, 0, 0.5204998778])])
  ]
}
