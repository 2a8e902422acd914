import CKernels
import GraphIR
import Support
import Tensors

/// `y = x · min(max(x + 3, 0), 6) / 6`, of `f32`, `f64`, `i8` or `u8` elements.
public struct HardSwish: UnaryOperator {
  public static let name = "hard_swish"

  public static let hasQuantizedForm = true

  /// The arithmetic of 8-bit elements.
  public var rescaling: Rescaling

  public init() { self.init(rescaling: .tflite) }

  /// - Parameter rescaling: of 8-bit elements; ONNX's is that of real numbers.
  public init(rescaling: Rescaling) { self.rescaling = rescaling }

  public func apply(_ x: Float) -> Float { x * min(max(x + 3, 0), 6) / 6 }

  public var doubleForm: DoubleForm? {
    { x in x * min(max(x + 3, 0), 6) / 6 }
  }

  /// Source: `HardSwishPrepare` of TFLite, which brings the operand to 128 times its precision.
  public func quantizedKernel(_ site: Site) throws -> Kernel {
    guard rescaling == .tflite else { return try tableKernel(site) }
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let fine: Float = (1 / 128) * input.scale
    let toOutput = try FixedPoint(Double(fine / output.scale))
    let toReluish = try FixedPoint(Double(fine / (3 / 32768)))
    guard toOutput.shift <= 0 else { throw Diagnostic(.resultTooFine(input.scale, output.scale)) }
    let form = ck_hard_swish(
      input_zero_point: Int32(input.zeroPoint), output_zero_point: Int32(output.zeroPoint),
      reluish_multiplier: Self.halved(toReluish.multiplier), reluish_shift: toReluish.shift,
      output_multiplier: Self.halved(toOutput.multiplier), output_shift: toOutput.shift)
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      withUnsafePointer(to: form) { form in
        ck_hard_swish_i8(
          operands[0].pointer(to: Int8.self), count, form, results[0].pointer(to: Int8.self))
      }
    }
  }

  /// A multiplier rounded to 16 bits.
  private static func halved(_ multiplier: Int32) -> Int32 {
    multiplier >= Int32.max - (1 << 15) ? 32767 : (multiplier + (1 << 15)) >> 16
  }

  public static let examples = [
    Example(
      HardSwish(),
      [Tensor(TensorType(.f32, [4]), numbers: [-4, 0, 1, 4])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 0.666666667, 4])]),
    Example(
      HardSwish(rescaling: .onnx),
      [Tensor(TensorType(.i8, [3], Quantization(scale: 0.5)), numbers: [-2, 2, 8])],
      gives: [
        Tensor(
          TensorType(.i8, [3], Quantization(scale: 0.125, zeroPoint: 1)), numbers: [-2, 6, 33])
      ]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func resultTooFine(_ input: Float, _ output: Float) -> Self {
    Self(
      id: "hard-swish-scales", .unsupported,
      "`hard_swish` from scale \(input) to scale \(output) is beyond its fixed-point arithmetic")
  }
}
