import GraphIR
import Tensors

/// `y = x + bias` where `x < −threshold`, `x − bias` where `x > threshold`, and 0 elsewhere, of `f32` or `f64` elements.
public struct Shrink: UnaryOperator {
  public static let name = "shrink"
  /// How far elements move towards 0.
  public var bias: Float
  /// The largest distance from 0 that becomes 0 (ONNX: `lambd`).
  public var threshold: Float

  public init() { self.init(bias: 0, threshold: 0.5) }

  /// Attributes are as ONNX names them.
  public init(bias: Float, threshold: Float) {
    self.bias = bias
    self.threshold = threshold
  }

  public func apply(_ x: Float) -> Float {
    if x < -threshold { return x + bias }
    return x > threshold ? x - bias : 0
  }

  public var doubleForm: DoubleForm? {
    { [bias = Double(bias), threshold = Double(threshold)] x in
      x < -threshold ? x + bias : x > threshold ? x - bias : 0
    }
  }

  public static let examples = [
    Example(
      Shrink(bias: 1.5, threshold: 1.5),
      [Tensor(TensorType(.f32, [3]), numbers: [-2, 1, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-0.5, 0, 1.5])])
  ]
}
