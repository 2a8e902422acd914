import Foundation
import GraphIR
import Tensors

/// `y = max(0, x) + min(0, alpha · (exp(x / alpha) − 1))`, of `f32` or `f64` elements.
public struct CELU: UnaryOperator {
  public static let name = "celu"
  /// What negative numbers tend to, but for the sign; not 0.
  public var alpha: Float

  public init() { self.init(alpha: 1) }

  /// - Parameter alpha: what negative numbers tend to, but for the sign; not 0.
  public init(alpha: Float) {
    self.alpha = alpha
  }

  public func apply(_ x: Float) -> Float { max(0, x) + min(0, alpha * expm1(x / alpha)) }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha)] x in max(0, x) + min(0, alpha * expm1(x / alpha)) }
  }

  public static let examples = [
    Example(
      CELU(alpha: 2),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.7869386806, 0, 3])])
  ]
}
