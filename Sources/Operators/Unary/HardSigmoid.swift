import GraphIR
import Tensors

/// `y = min(max(alpha · x + beta, 0), 1)`, of `f32`, `f64`, `i8` or `u8` elements.
public struct HardSigmoid: UnaryOperator {
  public static let name = "hard_sigmoid"

  public static let hasQuantizedForm = true

  /// The slope.
  public var alpha: Float
  /// The result for 0.
  public var beta: Float

  public init() { self.init(alpha: 0.2, beta: 0.5) }

  /// Attributes are as ONNX names them.
  public init(alpha: Float, beta: Float) {
    self.alpha = alpha
    self.beta = beta
  }

  public func apply(_ x: Float) -> Float { min(max(alpha * x + beta, 0), 1) }

  public var doubleForm: DoubleForm? {
    { [alpha = Double(alpha), beta = Double(beta)] x in min(max(alpha * x + beta, 0), 1) }
  }

  public static let examples = [
    Example(
      HardSigmoid(alpha: 0.5, beta: 0.25),
      [Tensor(TensorType(.f32, [3]), numbers: [-1, 0.5, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [0, 0.5, 1])]),
    Example(
      HardSigmoid(alpha: 0.5, beta: 0.25),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [-2, 1])],
      gives: [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.25, zeroPoint: -1)), numbers: [-1, 1])
      ]),
  ]
}
