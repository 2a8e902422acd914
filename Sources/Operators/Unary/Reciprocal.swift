import GraphIR
import Tensors

/// `y = 1 / x`, of `f32` or `f64` elements.
public struct Reciprocal: UnaryOperator {
  public static let name = "reciprocal"

  public init() {}

  public func apply(_ x: Float) -> Float { 1 / x }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in 1 / x }
  ]

  public static let examples = [
    Example(
      Reciprocal(),
      [Tensor(TensorType(.f32, [2]), numbers: [-4, 0.5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-0.25, 2])])
  ]
}
