import CKernels
import GraphIR
import Support
import Tensors

/// `y = x` where `x ≥ 0`, and `slope · x` elsewhere, with NumPy's broadcasting, of `f32`, `i8` or `u8` elements.
///
/// Operands: `x` and the slopes, usually one for each channel.
public struct PReLU: BinaryOperator {
  public static let name = "prelu"

  public init() {}

  public static func apply(_ x: Float, _ slope: Float) -> Float { x >= 0 ? x : x * slope }

  public static let hasQuantizedForm = true

  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    return BroadcastKernel.make(site) { (x: UnsafePointer<Int8>, slopes, count, y) in
      withUnsafePointer(to: form) { ck_prelu_i8(x, slopes, 1, Int64(count), $0, y) }
    }
  }

  /// Source: `PreluPrepare` of TFLite.
  private func form(_ site: Site) throws -> ck_prelu {
    let x = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let slopes = try ElementChecks.perTensor(site.operands[1], "operand 1", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let identity = try FixedPoint(Double(x.scale / output.scale))
    let sloped = try FixedPoint(Double(x.scale * slopes.scale / output.scale))
    return ck_prelu(
      input_zero_point: Int32(x.zeroPoint), alpha_zero_point: Int32(slopes.zeroPoint),
      output_zero_point: Int32(output.zeroPoint), multiplier: identity.multiplier,
      shift: identity.shift, alpha_multiplier: sloped.multiplier, alpha_shift: sloped.shift)
  }

  /// None: slopes are real numbers.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = nil

  public static let examples = [
    Example(
      PReLU(),
      [
        Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [-2, -2, 3, 4]),
        Tensor(TensorType(.f32, [1, 1, 2]), numbers: [0.5, 2]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [-1, -4, 3, 4])]),
    Example(
      PReLU(),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 1, zeroPoint: 1)), numbers: [-3, 5]),
        Tensor(TensorType(.i8, [1], Quantization(scale: 0.25)), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [-4, 8])]),
  ]
}
