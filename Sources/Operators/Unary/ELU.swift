import Foundation
import GraphIR
import Tensors

/// `y = x where x ≥ 0, and exp(x) − 1 elsewhere`, of `f32`, `i8` or `u8` elements.
public struct ELU: UnaryOperator {
  public static let name = "elu"

  public static let hasQuantizedForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { x < 0 ? expm1(x) : x }

  public static let examples = [
    Example(
      ELU(),
      [Tensor(TensorType(.f32, [2]), numbers: [2, -1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -0.632120559])])
  ]
}
