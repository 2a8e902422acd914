import Foundation
import GraphIR
import Tensors

/// `y = cos(x)`, of `f32` elements.
public struct Cos: UnaryOperator {
  public static let name = "cos"

  public init() {}

  public func apply(_ x: Float) -> Float { cos(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in cos(x) }
  ]

  public static let examples = [
    Example(
      Cos(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1, 0.540302306])])
  ]
}
