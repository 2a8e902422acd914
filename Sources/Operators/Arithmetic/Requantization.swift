import CKernels
import GraphIR
import Support
import Tensors

/// How 32-bit accumulators of a convolution or matrix product become stored integers of the result, which are signed:
/// of a `u8` result they are those of its signed form.
///
/// `stored = clamp(round((accumulator + bias) · factor) + zeroPoint)`, with one factor per output channel.
public struct Requantization: Hashable, Sendable {
  /// One for each output channel.
  public let factors: Factors
  /// Of the result's signed form.
  public let zeroPoint: Int32
  /// The smallest stored integer that the clamp allows.
  public let clampLower: Int32
  /// The largest stored integer that the clamp allows.
  public let clampUpper: Int32

  /// One factor per output channel, and how a product with it is rounded.
  public enum Factors: Hashable, Sendable {
    /// In fixed point, rounded twice: the convolutions of the TFLite reference kernels.
    case fixedPoint([FixedPoint])
    /// In double precision, halves away from zero: the fully connected layers of LiteRT's reference kernels.
    case real([Double])
    /// In single precision, as is the product with the accumulator; halves to even: ONNX.
    case single([Float])
  }

  /// - Precondition: `result` is quantized with a single scale.
  public init(factors: Factors, to result: TensorType, clamp: Clamp) {
    self.factors = factors
    let range = clamp.storedRange(of: result.signed)
    zeroPoint = Int32(result.signed.quantization?.zeroPoint ?? 0)
    (clampLower, clampUpper) = range
  }

  /// Calls `body` with the C form, whose pointers are valid only during the call.
  ///
  /// - Parameter bias: one number for each output channel; nil if there is no bias.
  public func withKernelForm<Result>(
    bias: UnsafePointer<Int32>?, _ body: (inout ck_requantization) -> Result
  ) -> Result {
    var form = ck_requantization()
    form.bias = bias
    form.output_zero_point = zeroPoint
    form.clamp_min = clampLower
    form.clamp_max = clampUpper
    return factors.withPointers(in: &form, body)
  }

  /// As `withKernelForm`, for sums of 16-bit images and 8-bit weights.
  ///
  /// - Parameter accumulatorBits: 32 to reduce sums modulo 2³², 64 to keep them.
  func withWideForm<Result>(
    bias: UnsafePointer<Int64>?, accumulatorBits: Int,
    _ body: (inout ck_requantization_i16) -> Result
  ) -> Result {
    withKernelForm(bias: nil) { narrow in
      var form = ck_requantization_i16(
        bias: bias, rounding: narrow.rounding, accumulator_bits: Int32(accumulatorBits),
        multipliers: narrow.multipliers, shifts: narrow.shifts, scales: narrow.scales,
        output_zero_point: zeroPoint, clamp_min: clampLower, clamp_max: clampUpper)
      return body(&form)
    }
  }
}

extension Requantization.Factors {
  /// Calls `body` with `form` pointing to these factors.
  /// The pointers are valid only during the call; the rest of `form` stays as it is.
  public func withPointers<Result>(
    in form: inout ck_requantization, _ body: (inout ck_requantization) -> Result
  ) -> Result {
    switch self {
    case .fixedPoint(let factors):
      return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 2 * factors.count) { memory in
        for (index, factor) in factors.enumerated() {
          memory[index] = factor.multiplier
          memory[factors.count + index] = factor.shift
        }
        form.rounding = ck_rounding_fixed_point
        form.multipliers = UnsafePointer(memory.baseAddress)
        form.shifts = memory.baseAddress.map { UnsafePointer($0 + factors.count) }
        return body(&form)
      }
    case .real(let scales):
      return scales.withUnsafeBufferPointer { scales in
        form.rounding = ck_rounding_half_away
        form.scales = scales.baseAddress
        return body(&form)
      }
    case .single(let scales):
      return scales.map(Double.init).withUnsafeBufferPointer { scales in
        form.rounding = ck_rounding_half_even
        form.scales = scales.baseAddress
        return body(&form)
      }
    }
  }
}

/// The arithmetic by which sums of products become stored integers.
public enum Rescaling: String, Hashable, Sendable, Codable {
  /// That of TFLite's operator of the same name.
  case tflite
  /// Factors `inputScale · weightScale / resultScale` and products with them in single precision, halves to even.
  case onnx

  /// The operands as their element types are checked: ONNX lets unsigned bytes meet signed ones.
  func forms(of operands: [TensorType]) -> [TensorType] {
    self == .onnx ? operands.map(\.signed) : operands
  }
}

extension Requantization {
  /// The factors of `rescaling`, where TFLite's would be `tflite` of those in double precision.
  static func factors(
    _ operands: [TensorType], _ result: TensorType, channelAxis: Int, _ rescaling: Rescaling,
    kind: String, tflite: ([Double]) throws -> Factors
  ) throws -> Factors {
    let real = try factors(operands, result, channelAxis: channelAxis, kind: kind)
    guard rescaling == .onnx else { return try tflite(real) }
    // `factors` has found a scale in each of the three.
    let scales = [operands[0], operands[1], result].map { $0.quantization?.scales ?? [1] }
    let channels = operands[1].shape[channelAxis]
    return .single(
      (0..<channels).map { scales[0][0] * scales[1][$0 % scales[1].count] / scales[2][0] })
  }

  /// One factor per output channel: `inputScale · weightScale / resultScale`, in double precision; but of unsigned
  /// operands the first product is rounded to single precision.
  ///
  /// Source: `PopulateConvolutionQuantizationParams` and `GetQuantizedConvolutionMultipler` of TFLite.
  ///
  /// - Parameters:
  ///   - operands: input, weights, and optionally bias.
  ///   - channelAxis: the axis of the weights along which output channels lie.
  static func factors(
    _ operands: [TensorType], _ result: TensorType, channelAxis: Int, kind: String
  ) throws -> [Double] {
    let input = try ElementChecks.perTensor(operands[0], "operand 0", kind)
    let output = try ElementChecks.perTensor(result, "the result", kind)
    guard let weights = operands[1].quantization,
      weights.zeroPoints.allSatisfy({ $0 == weights.zeroPoint })
    else { throw Diagnostic(.weightQuantization(kind), help: "quantize the weights symmetrically") }
    guard weights.isPerTensor || weights.axis == channelAxis else {
      throw Diagnostic(
        .weightAxis(kind, found: weights.axis ?? 0, expected: channelAxis),
        help: "quantize the weights along their output channels")
    }
    if operands[0].element == .i16 { try ElementChecks.symmetric(operands[1], "operand 1", kind) }
    let channels = operands[1].shape[channelAxis]
    let scales =
      weights.isPerTensor ? Array(repeating: weights.scale, count: channels) : weights.scales
    let isUnsigned = operands[0].element == .u8
    let factors = scales.map { scale in
      let product = isUnsigned ? Double(input.scale * scale) : Double(input.scale) * Double(scale)
      return product / Double(output.scale)
    }
    try factors.forEach(FixedPoint.check)
    return factors
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
