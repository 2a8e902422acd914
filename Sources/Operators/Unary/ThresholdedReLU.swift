import GraphIR
import Tensors

/// `y = x` where `x > alpha`, and 0 elsewhere, of `f32` or `f64` elements.
public struct ThresholdedReLU: UnaryOperator {
  public static let name = "thresholded_relu"
  /// What an element must exceed to stay.
  public var alpha: Float

  public init() { self.init(alpha: 1) }

  /// - Parameter alpha: what an element must exceed to stay.
  public init(alpha: Float) {
    self.alpha = alpha
  }

  public func apply(_ x: Float) -> Float { x > alpha ? x : 0 }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha)] x in x > alpha ? x : 0 }
  }

  public static let examples = [
    Example(
      ThresholdedReLU(),
      [Tensor(TensorType(.f32, [3]), numbers: [0.5, 1, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [0, 0, 3])])
  ]
}
