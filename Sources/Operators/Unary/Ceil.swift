import GraphIR
import Tensors

/// `y = ⌈x⌉`, of `f32` elements.
public struct Ceil: UnaryOperator {
  public static let name = "ceil"

  public init() {}

  public func apply(_ x: Float) -> Float { x.rounded(.up) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in x.rounded(.up) }
  ]

  public static let examples = [
    Example(
      Ceil(),
      [Tensor(TensorType(.f32, [2]), numbers: [-1.5, 1.5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-1, 2])])
  ]
}
