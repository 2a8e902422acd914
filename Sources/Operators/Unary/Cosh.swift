import Foundation
import GraphIR
import Tensors

/// `y = cosh(x)`, of `f32` or `f64` elements.
public struct Cosh: UnaryOperator {
  public static let name = "cosh"

  public init() {}

  public func apply(_ x: Float) -> Float { cosh(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in cosh(x) }
  ]

  public static let examples = [
    Example(
      Cosh(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [1.543080635, 1, 1.543080635])])
  ]
}
