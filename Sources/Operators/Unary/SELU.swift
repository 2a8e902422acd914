import Foundation
import GraphIR
import Tensors

/// `y = gamma · x` where `x > 0`, and `gamma · alpha · (exp(x) − 1)` elsewhere, of `f32` or `f64` elements.
public struct SELU: UnaryOperator {
  public static let name = "selu"
  /// What negative numbers tend to before they are scaled, but for the sign.
  public var alpha: Float
  /// The scale of all results.
  public var gamma: Float

  public init() { self.init(alpha: 1.6732632, gamma: 1.050701) }

  /// Attributes are as ONNX names them.
  public init(alpha: Float, gamma: Float) {
    self.alpha = alpha
    self.gamma = gamma
  }

  public func apply(_ x: Float) -> Float { gamma * (x > 0 ? x : alpha * expm1(x)) }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha), gamma = Double(gamma)] x in gamma * (x > 0 ? x : alpha * expm1(x)) }
  }

  public static let examples = [
    Example(
      SELU(),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-1.111330741, 0, 3.152103066])])
  ]
}
