import Foundation
import GraphIR
import Tensors

/// `y = sinh(x)`, of `f32` or `f64` elements.
public struct Sinh: UnaryOperator {
  public static let name = "sinh"

  public init() {}

  public func apply(_ x: Float) -> Float { sinh(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in sinh(x) }
  ]

  public static let examples = [
    Example(
      Sinh(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-1.175201194, 0, 1.175201194])])
  ]
}
