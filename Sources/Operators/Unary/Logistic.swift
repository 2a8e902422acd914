import CKernels
import Foundation
import GraphIR
import Tensors

/// `y = 1 / (1 + exp(−x))`, of `f32`, `i8`, `u8` or `i16` elements.
public struct Logistic: UnaryOperator {
  public static let name = "logistic"

  /// What stands for the function, of real numbers: that of TFLite's reference kernels gives numbers far from 0 what the function
  /// comes to there.
  public var arithmetic: RealArithmetic

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() { self.init(arithmetic: .tflite) }

  /// - Parameter arithmetic: of real numbers.
  public init(arithmetic: RealArithmetic) { self.arithmetic = arithmetic }

  public var vectorForm: VectorForm? { arithmetic == .onnx ? ck_quotient_logistic_f32 : nil }

  public func apply(_ x: Float) -> Float {
    if let vectorForm { return RealArithmetic.apply(vectorForm, x) }
    if x > 16.619047 { return 1 }
    return x < -9 ? exp(x) : 1 / (1 + exp(-x))
  }

  public func wideKernel(_ site: Site) throws -> Kernel {
    let factor = try SigmoidFactor(site, isTanh: false, Self.name)
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      ck_logistic_i16(
        operands[0].pointer(to: Int16.self), count, factor.multiplier, factor.rightShift,
        results[0].pointer(to: Int16.self))
    }
  }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in 1 / (1 + exp(-x)) }
  ]

  public static let examples = [
    Example(
      Logistic(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 2])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0.5, 0.880797078])]),
    Example(
      Logistic(arithmetic: .onnx),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 2])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0.5, 0.880797078])]),
    Example(
      Logistic(),
      [Tensor(TensorType(.i16, [2], Quantization(scale: 1 / 4096)), numbers: [0, 8192])],
      gives: [
        Tensor(TensorType(.i16, [2], Quantization(scale: 1 / 32768)), numbers: [16384, 28862])
      ]),
  ]
}
