import Foundation
import GraphIR
import Tensors

/// `y = x / (1 + exp(−alpha · x))`, of `f32` or `f64` elements; with an alpha of 1 also named SiLU.
public struct Swish: UnaryOperator {
  public static let name = "swish"
  /// The steepness of the logistic function.
  public var alpha: Float

  public init() { self.init(alpha: 1) }

  /// - Parameter alpha: the steepness of the logistic function.
  public init(alpha: Float) {
    self.alpha = alpha
  }

  public func apply(_ x: Float) -> Float { x / (1 + exp(-alpha * x)) }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha)] x in x / (1 + exp(-alpha * x)) }
  }

  public static let examples = [
    Example(
      Swish(alpha: 2),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.119202922, 0, 2.992582131])])
  ]
}
