import Foundation
import GraphIR
import Tensors

/// `y = arccos(x)`, of `f32` or `f64` elements; NaN outside of −1 ... 1.
public struct Acos: UnaryOperator {
  public static let name = "acos"

  public init() {}

  public func apply(_ x: Float) -> Float { acos(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in acos(x) }
  ]

  public static let examples = [
    Example(
      Acos(),
      [Tensor(TensorType(.f32, [3]), numbers: [-0.5, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [2.094395102, 1.570796327, 0])])
  ]
}
