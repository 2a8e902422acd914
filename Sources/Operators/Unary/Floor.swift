import GraphIR
import Tensors

/// `y = ⌊x⌋`, of `f32` elements.
public struct Floor: UnaryOperator {
  public static let name = "floor"

  public init() {}

  public func apply(_ x: Float) -> Float { x.rounded(.down) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x.rounded(.down) }
  ]

  public static let examples = [
    Example(
      Floor(),
      [Tensor(TensorType(.f32, [2]), numbers: [-1.5, 1.5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-2, 1])])
  ]
}
