import CKernels
import GraphIR
import Support
import Tensors

/// Sums and differences of quantized operands.
enum QuantizedSum {
  private static let headroomBits = 20

  /// Scales, zero points and clamp as the integer kernels take them: operands are brought to a common scale, twice
  /// the larger, with 20 more bits.
  ///
  /// Source: `PrepareQuantized` in TFLite's add kernel.
  static func form(
    _ operands: [TensorType], _ result: TensorType, _ clamp: Clamp, _ kind: String
  ) throws -> ck_addition {
    let a = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    let b = try ElementChecks.perTensor(operands[1], "operand 1", kind)
    let output = try ElementChecks.perTensor(result, "the result", kind)
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
      clamp_max: range.upper)
  }
}
