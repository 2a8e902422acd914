import Foundation
import GraphIR
import Tensors

/// `y = 1 / (1 + exp(−x))`, of `f32`, `i8` or `u8` elements.
public struct Logistic: UnaryOperator {
  public static let name = "logistic"

  public static let hasQuantizedForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

  public static let examples = [
    Example(
      Logistic(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 2])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0.5, 0.880797078])])
  ]
}
