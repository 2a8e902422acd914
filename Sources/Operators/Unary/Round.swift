import GraphIR
import Tensors

/// `y = the integer nearest to x, of two equally near the even one`, of `f32` elements.
public struct Round: UnaryOperator {
  public static let name = "round"

  public init() {}

  public func apply(_ x: Float) -> Float { x.rounded(.toNearestOrEven) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x.rounded(.toNearestOrEven) }
  ]

  public static let examples = [
    Example(
      Round(),
      [Tensor(TensorType(.f32, [3]), numbers: [0.5, 1.5, -2.7])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [0, 2, -3])])
  ]
}
