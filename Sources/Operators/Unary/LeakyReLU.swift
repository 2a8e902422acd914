import CKernels
import GraphIR
import Support
import Tensors

/// `y = x` where `x ≥ 0`, and `slope · x` elsewhere, of `f32`, `f64`, `i8`, `u8` or `i16` elements.
public struct LeakyReLU: UnaryOperator {
  public static let name = "leaky_relu"
  public static let hasQuantizedForm = true
  /// The factor of negative numbers; it may itself be negative or 0 (TFLite: `alpha`).
  public var slope: Float

  public init() { self.init(slope: 0.01) }

  /// - Parameter slope: the factor of negative numbers.
  public init(slope: Float) { self.slope = slope }

  public func apply(_ x: Float) -> Float { x < 0 ? slope * x : x }

  public var doubleForm: DoubleForm? {
    { [slope = Double(slope)] x in x < 0 ? slope * x : x }
  }

  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      withUnsafePointer(to: form) { form in
        ck_leaky_relu_i8(
          operands[0].pointer(to: Int8.self), count, form, results[0].pointer(to: Int8.self))
      }
    }
  }

  public static let hasWideForm = true

  public func wideKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    let count = Int64(site.results[0].elementCount)
    return Kernel { operands, results, _ in
      withUnsafePointer(to: form) { form in
        ck_leaky_relu_i16(
          operands[0].pointer(to: Int16.self), count, form, results[0].pointer(to: Int16.self))
      }
    }
  }

  /// Source: `LeakyReluPrepare` of TFLite.
  private func form(_ site: Site) throws -> ck_leaky_relu {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let identity = try FixedPoint(Double(input.scale / output.scale))
    let sloped = try FixedPoint(signed: Double(input.scale * slope / output.scale))
    return ck_leaky_relu(
      input_zero_point: Int32(input.zeroPoint), output_zero_point: Int32(output.zeroPoint),
      multiplier: identity.multiplier, shift: identity.shift, alpha_multiplier: sloped.multiplier,
      alpha_shift: sloped.shift)
  }

  public static let examples = [
    Example(
      LeakyReLU(slope: 0.5),
      [Tensor(TensorType(.f32, [2]), numbers: [-2, 4])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [-1, 4])]),
    Example(
      LeakyReLU(slope: 0.5),
      [Tensor(TensorType(.i16, [2], Quantization(scale: 1)), numbers: [-2000, 4])],
      gives: [Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [-2000, 8])]),
  ]
}
