import CKernels
import Foundation
import GraphIR
import Tensors

/// `y = tanh(x)`, of `f32`, `i8`, `u8` or `i16` elements.
public struct Tanh: UnaryOperator {
  public static let name = "tanh"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  /// What stands for the function, of real numbers.
  public var arithmetic: RealArithmetic

  public init() { self.init(arithmetic: .tflite) }

  /// - Parameter arithmetic: of real numbers.
  public init(arithmetic: RealArithmetic) { self.arithmetic = arithmetic }

  public var vectorForm: VectorForm? { arithmetic == .onnx ? ck_quotient_tanh_f32 : nil }

  public func apply(_ x: Float) -> Float {
    if let vectorForm { return RealArithmetic.apply(vectorForm, x) }
    return tanh(x)
  }

  public func wideKernel(_ site: Site) throws -> Kernel {
    let factor = try SigmoidFactor(site, isTanh: true, Self.name)
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      ck_tanh_i16(
        operands[0].pointer(to: Int16.self), count, factor.multiplier, factor.rightShift,
        results[0].pointer(to: Int16.self))
    }
  }

  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in tanh(x) }
  ]

  public static let examples = [
    Example(
      Tanh(),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 0.761594156])]),
    Example(
      Tanh(arithmetic: .onnx),
      [Tensor(TensorType(.f32, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 0.761594156])]),
    Example(
      Tanh(),
      [Tensor(TensorType(.i16, [2], Quantization(scale: 1 / 4096)), numbers: [0, 8192])],
      gives: [
        Tensor(TensorType(.i16, [2], Quantization(scale: 1 / 32768)), numbers: [0, 31589])
      ]),
  ]
}
