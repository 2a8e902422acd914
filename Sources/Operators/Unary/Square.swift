import GraphIR
import Tensors

/// `y = x²`, of `f32` elements.
public struct Square: UnaryOperator {
  public static let name = "square"

  public init() {}

  public func apply(_ x: Float) -> Float { x * x }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x * x }
  ]

  public static let examples = [
    Example(
      Square(),
      [Tensor(TensorType(.f32, [2]), numbers: [-3, 0.5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [9, 0.25])])
  ]
}
