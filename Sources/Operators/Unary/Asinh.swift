import Foundation
import GraphIR
import Tensors

/// `y = arsinh(x)`, of `f32` or `f64` elements.
public struct Asinh: UnaryOperator {
  public static let name = "asinh"

  public init() {}

  public func apply(_ x: Float) -> Float { asinh(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in asinh(x) }
  ]

  public static let examples = [
    Example(
      Asinh(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.881373587, 0, 0.881373587])])
  ]
}
