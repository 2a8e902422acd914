import CKernels
import Foundation
import GraphIR
import Support
import Tensors

/// Sums and differences of quantized operands.
enum QuantizedSum {
  /// Scales, zero points and clamp as the integer kernels take them: operands are brought to a common scale, twice
  /// the larger, with 20 more bits, or 15 for 16-bit elements.
  ///
  /// Source: `PrepareQuantized` in TFLite's add kernel.
  static func form(
    _ operands: [TensorType], _ result: TensorType, _ clamp: Clamp, _ kind: String
  ) throws -> ck_addition {
    let a = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    let b = try ElementChecks.perTensor(operands[1], "operand 1", kind)
    let output = try ElementChecks.perTensor(result, "the result", kind)
    let headroomBits = result.element == .i16 ? 15 : 20
    let common = 2 * Double(max(a.scale, b.scale))
    let first = try FixedPoint(Double(a.scale) / common)
    let second = try FixedPoint(Double(b.scale) / common)
    let sum = try FixedPoint(common / (Double(1 << headroomBits) * Double(output.scale)))
    let range = clamp.storedRange(of: result)
    return ck_addition(
      a_zero_point: Int32(a.zeroPoint), a_multiplier: first.multiplier, a_shift: first.shift,
      b_zero_point: Int32(b.zeroPoint), b_multiplier: second.multiplier, b_shift: second.shift,
      left_shift: Int32(headroomBits), output_zero_point: Int32(output.zeroPoint),
      output_multiplier: sum.multiplier, output_shift: sum.shift, clamp_min: range.lower,
      clamp_max: range.upper, is_single: 0, a_factor: 0, b_factor: 0, offset: 0, origin: 0)
  }

  /// As `form`, of bytes in ONNX Runtime's arithmetic, bit for bit: `a · a.scale / scale + b · b.scale / scale + offset` in
  /// single precision, with the zero points all in the offset. Unsigned bytes count from 0 there, so the types are those of
  /// the model.
  static func singleForm(
    _ operands: [TensorType], _ result: TensorType, _ clamp: Clamp, _ kind: String
  ) throws -> ck_addition {
    // Scales that do not fit together are none in either arithmetic.
    var form = try Self.form(operands.map(\.signed), result.signed, clamp, kind)
    let a = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    let b = try ElementChecks.perTensor(operands[1], "operand 1", kind)
    let output = try ElementChecks.perTensor(result, "the result", kind)
    form.is_single = 1
    form.a_factor = a.scale / output.scale
    form.b_factor = b.scale / output.scale
    let zero = (form.b_factor * Float(b.zeroPoint))
      .addingProduct(form.a_factor, Float(a.zeroPoint))
    form.offset = Float(output.zeroPoint) - zero
    form.origin = result.element == .u8 ? 128 : 0
    return form
  }

  /// By how many bits both 16-bit operands are shifted to the right where all scales are powers of two, as the reference
  /// kernels did before they had multipliers for these; nil if a scale is none, or none of the operands has the result's.
  ///
  /// Source: `PrepareInt16SymmetricPOT` of TFLite's add kernel, whose powers of two are so to within 0.07 %.
  static func shifts(_ operands: [TensorType], _ result: TensorType) -> (a: Int32, b: Int32)? {
    let exponents = (operands + [result]).compactMap { type in
      type.quantization.flatMap { exponent(of: $0.scale) }
    }
    guard exponents.count == 3 else { return nil }
    let (a, b) = (exponents[2] - exponents[0], exponents[2] - exponents[1])
    return a >= 0 && b >= 0 && min(a, b) == 0 ? (a, b) : nil
  }

  private static func exponent(of scale: Float) -> Int32? {
    let exact = log2(scale)
    let nearest = exact.rounded()
    return abs(exact - nearest) < 1e-3 ? Int32(nearest) : nil
  }
}
