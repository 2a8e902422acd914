import Foundation
import GraphIR
import Tensors

/// `y = x where x ≥ 0, and alpha · (exp(x) − 1) elsewhere`, of `f32`, `f64`, `i8` or `u8` elements.
public struct ELU: UnaryOperator {
  public static let name = "elu"

  public static let hasQuantizedForm = true

  /// What negative numbers tend to, but for the sign.
  public var alpha: Float

  public init() { self.init(alpha: 1) }

  /// - Parameter alpha: what negative numbers tend to, but for the sign.
  public init(alpha: Float) { self.alpha = alpha }

  public func apply(_ x: Float) -> Float { x < 0 ? alpha * expm1(x) : x }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha)] x in x < 0 ? alpha * expm1(x) : x }
  }

  public static let examples = [
    Example(
      ELU(),
      [Tensor(TensorType(.f32, [2]), numbers: [2, -1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -0.632120559])]),
    Example(
      ELU(alpha: 2),
      [Tensor(TensorType(.f32, [2]), numbers: [2, -1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -1.264241118])]),
  ]
}
