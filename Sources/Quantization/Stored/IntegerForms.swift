import GraphIR
import Operators
import Tensors

extension Operator {
  /// The operator as TFLite has it for integers.
  ///
  /// - Parameters:
  ///   - type: of the result.
  ///   - image: the shape of the first operand.
  func onIntegers(of type: TensorType, image: Shape) -> any Operator {
    var op: any Operator = self
    if let pool = op as? AveragePool2D, pool.kernel == Array(image.extents.dropFirst().prefix(2)) {
      // Pools do not rescale; means do.
      op = Mean(axes: [1, 2], keepsAxes: true)
    }
    op = (op as? any ClampedOperator)?.clampedAsTFLite() ?? op
    op = (op as? any FusingOperator)?.withoutFusing() ?? op
    return (op as? any ArithmeticOperator)?.withTFLiteArithmetic() ?? op
  }
}

extension ClampedOperator {
  /// Infinite bounds, which play a part for real numbers alone, are none.
  fileprivate func clampedAsTFLite() -> any Operator {
    var copy = self
    copy.clamp = Clamp(
      lower: clamp.lower.flatMap { $0 == -.infinity ? nil : $0 },
      upper: clamp.upper.flatMap { $0 == .infinity ? nil : $0 })
    return copy
  }
}

/// An operator whose real products may be added without being rounded.
private protocol FusingOperator: Operator {
  var fusesProducts: Bool { get set }
  func withoutFusing() -> any Operator
}

extension FusingOperator {
  fileprivate func withoutFusing() -> any Operator {
    var copy = self
    copy.fusesProducts = false
    return copy
  }
}

extension Conv2D: FusingOperator {
  fileprivate func withoutFusing() -> any Operator {
    var copy = self
    (copy.fusesProducts, copy.sumsByChannel) = (false, false)
    return copy
  }
}
extension DepthwiseConv2D: FusingOperator {}
extension FullyConnected: FusingOperator {}
extension TransposeConv2D: FusingOperator {}
extension BatchMatMul: FusingOperator {}

/// An operator with an order of sums, or functions, of its own for real numbers.
private protocol ArithmeticOperator: Operator {
  var arithmetic: RealArithmetic { get set }
}

extension ArithmeticOperator {
  fileprivate func withTFLiteArithmetic() -> any Operator {
    var copy = self
    copy.arithmetic = .tflite
    return copy
  }
}

extension Softmax: ArithmeticOperator {}
extension LogSoftmax: ArithmeticOperator {}
extension Logistic: ArithmeticOperator {}
extension Tanh: ArithmeticOperator {}
extension Mean: ArithmeticOperator {}
extension Sum: ArithmeticOperator {}
