import Foundation
import GraphIR
import Tensors

/// `y = sin(x)`, of `f32` elements.
public struct Sin: UnaryOperator {
  public static let name = "sin"

  public init() {}

  public func apply(_ x: Float) -> Float { sin(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in sin(x) }
  ]

  public static let examples = [
    Example(
      Sin(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 0.841470985])])
  ]
}
