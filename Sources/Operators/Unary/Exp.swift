import Foundation
import GraphIR
import Tensors

/// `y = exp(x)`, of `f32`, `i8`, `u8` or `i16` elements.
public struct Exp: UnaryOperator {
  public static let name = "exp"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { exp(x) }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in exp(x) }
  ]

  public static let examples = [
    Example(
      Exp(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1, 2.718281828])])
  ]
}
