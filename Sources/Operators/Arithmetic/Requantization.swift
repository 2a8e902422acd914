import CKernels
import GraphIR
import Support
import Tensors

/// How 32-bit accumulators of a convolution or matrix product become stored integers of the result.
///
/// `stored = clamp(round((accumulator + bias) · factor) + zeroPoint)`, with one factor per output channel,
/// or one for all. The rounding is that of the TFLite reference kernels.
public struct Requantization: Hashable, Sendable {
  public let factors: [FixedPoint]
  public let zeroPoint: Int32
  public let clampLower: Int32
  public let clampUpper: Int32

  public init(factors: [FixedPoint], to result: TensorType, clamp: Clamp) {
    self.factors = factors
    let range = clamp.storedRange(of: result)
    zeroPoint = Int32(result.quantization?.zeroPoint ?? 0)
    (clampLower, clampUpper) = range
  }

  /// One factor per output channel: `inputScale · weightScale / resultScale`, each product in double.
  ///
  /// Source: `PopulateConvolutionQuantizationParams` of TFLite.
  public static func perChannel(
    input: Quantization, weights: Quantization, result: TensorType, channels: Int, clamp: Clamp
  ) throws -> Requantization {
    let scales =
      weights.isPerTensor
      ? Array(repeating: weights.scale, count: channels) : weights.scales
    let resultScale = Double(result.quantization?.scale ?? 1)
    let factors = try scales.map { try FixedPoint(Double(input.scale) * Double($0) / resultScale) }
    return Requantization(factors: factors, to: result, clamp: clamp)
  }

  /// Calls `body` with the C form, whose pointers are valid only during the call.
  public func withKernelForm<Result>(
    bias: UnsafePointer<Int32>?, _ body: (inout ck_requantization) -> Result
  ) -> Result {
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * factors.count) { memory in
      for (index, factor) in factors.enumerated() {
        memory[index] = factor.multiplier
        memory[factors.count + index] = factor.shift
      }
      let multipliers = UnsafePointer(memory.baseAddress!)  // there is at least one factor
      var form = ck_requantization(
        bias: bias, multipliers: multipliers, shifts: multipliers + factors.count,
        output_zero_point: zeroPoint, clamp_min: clampLower, clamp_max: clampUpper)
      return body(&form)
    }
  }
}

extension Requantization {
  /// For a convolution with operands image, weights and optionally bias.
  ///
  /// - Parameter channelAxis: the axis of the weights along which output channels lie.
  static func ofConvolution(
    _ operands: [TensorType], _ result: TensorType, channelAxis: Int, clamp: Clamp, kind: String
  ) throws -> Requantization {
    let input = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    _ = try ElementChecks.perTensor(result, "the result", kind)
    guard let weights = operands[1].quantization,
      weights.zeroPoints.allSatisfy({ $0 == weights.zeroPoint })
    else { throw Diagnostic(.weightQuantization(kind), help: "quantize the weights symmetrically") }
    guard weights.isPerTensor || weights.axis == channelAxis else {
      throw Diagnostic(
        .weightAxis(kind, found: weights.axis ?? 0, expected: channelAxis),
        help: "quantize the weights along their output channels")
    }
    return try perChannel(
      input: input, weights: weights, result: result,
      channels: operands[1].shape[channelAxis], clamp: clamp)
  }
}

extension Diagnostic.Message {
  fileprivate static func weightQuantization(_ kind: String) -> Self {
    Self(
      id: "weight-quantization", .unsupported,
      "the weights of `\(kind)` have no scale, or zero points that differ")
  }

  fileprivate static func weightAxis(_ kind: String, found: Int, expected: Int) -> Self {
    Self(
      id: "weight-axis", .malformed,
      "the weights of `\(kind)` are quantized along axis \(found), expected \(expected)")
  }
}
