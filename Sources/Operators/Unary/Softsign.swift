import GraphIR
import Tensors

/// `y = x / (1 + |x|)`, of `f32` or `f64` elements.
public struct Softsign: UnaryOperator {
  public static let name = "softsign"

  public init() {}

  public func apply(_ x: Float) -> Float { x / (1 + abs(x)) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x / (1 + abs(x)) }
  ]

  public static let examples = [
    Example(
      Softsign(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.5, 0, 0.75])])
  ]
}
