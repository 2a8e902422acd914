import Foundation
import GraphIR
import Tensors

/// `y = tan(x)`, of `f32` or `f64` elements.
public struct Tan: UnaryOperator {
  public static let name = "tan"

  public init() {}

  public func apply(_ x: Float) -> Float { tan(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in tan(x) }
  ]

  public static let examples = [
    Example(
      Tan(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-1.557407725, 0, 1.557407725])])
  ]
}
