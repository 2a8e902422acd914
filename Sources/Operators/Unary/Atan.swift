import Foundation
import GraphIR
import Tensors

/// `y = arctan(x)`, of `f32` or `f64` elements.
public struct Atan: UnaryOperator {
  public static let name = "atan"

  public init() {}

  public func apply(_ x: Float) -> Float { atan(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in atan(x) }
  ]

  public static let examples = [
    Example(
      Atan(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.7853981634, 0, 0.7853981634])])
  ]
}
