import Foundation
import GraphIR
import Tensors

/// `y = tanh(x)`, of `f32`, `i8` or `u8` elements.
public struct Tanh: UnaryOperator {
  public static let name = "tanh"

  public static let hasQuantizedForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { tanh(x) }

  public static let examples = [
    Example(
      Tanh(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 0.761594156])])
  ]
}
