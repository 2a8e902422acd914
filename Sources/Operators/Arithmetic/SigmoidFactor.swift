import GraphIR
import Support
import Tensors

/// What brings 16-bit operands of a logistic function or a hyperbolic tangent to steps of 1/12288, in which their tables are:
/// `multiplier / 2^rightShift`.
struct SigmoidFactor {
  let multiplier: Int32
  let rightShift: Int32

  /// Source: `SigmoidPrepare` and `TanhPrepare` of TFLite.
  ///
  /// - Throws: a `Diagnostic` if the result's scale is not 1/32768, or the operand's is too large.
  init(_ site: Site, isTanh: Bool, _ kind: String) throws {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", kind)
    let output = try ElementChecks.perTensor(site.results[0], "the result", kind)
    guard output.scale == 1 / 32768 else {
      throw Diagnostic(.resultScale(kind, output), help: "quantize the result by 1/32768")
    }
    switch input.scale {
    case 1 / 4096: (multiplier, rightShift) = (3, 0)
    case 1 / 2048 where isTanh: (multiplier, rightShift) = (6, 0)
    default: (multiplier, rightShift) = try Self.normalized(Double(input.scale) * 12288)
    }
  }

  /// With 15 bits, as far as 31 shifts go.
  private static func normalized(_ factor: Double) throws -> (Int32, Int32) {
    try FixedPoint.check(factor)
    var (multiplier, rightShift) = (factor, Int32(0))
    while multiplier <= 16383.5, rightShift <= 30 {
      multiplier *= 2
      rightShift += 1
    }
    return (Int32(multiplier), rightShift)
  }
}

extension Diagnostic.Message {
  fileprivate static func resultScale(_ kind: String, _ found: Quantization) -> Self {
    Self(
      id: "sigmoid-result-scale", .unsupported,
      "the 16-bit result of `\(kind)` is quantized by \(found)")
  }
}
