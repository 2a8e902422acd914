import Tensors

/// The range that an operator limits its results to: what a fused activation does.
///
/// In text `[0, 6]`, with `null` for an open end, and `"-inf"` and `"inf"` for infinite bounds.
public struct Clamp: Hashable, Sendable {
  /// The smallest real number; nil if there is none.
  public let lower: Float?
  /// The largest real number; nil if there is none.
  public let upper: Float?

  /// Bounds are real numbers, not stored integers.
  public init(lower: Float? = nil, upper: Float? = nil) {
    self.lower = lower
    self.upper = upper
  }

  /// Lets everything pass (TFLite: `NONE`).
  public static let none = Clamp()
  /// Lets everything pass, infinite numbers too, which TFLite's kernels make finite.
  public static let unlimited = Clamp(lower: -.infinity, upper: .infinity)
  /// `max(x, 0)` (TFLite: `RELU`).
  public static let relu = Clamp(lower: 0)
  /// `min(max(x, 0), 6)` (TFLite: `RELU6`).
  public static let relu6 = Clamp(lower: 0, upper: 6)
  /// `min(max(x, −1), 1)` (TFLite: `RELU_N1_TO_1`).
  public static let reluN1To1 = Clamp(lower: -1, upper: 1)

  /// The range that both allow.
  public func intersection(_ other: Clamp) -> Clamp {
    Clamp(
      lower: [lower, other.lower].compactMap { $0 }.max(),
      upper: [upper, other.upper].compactMap { $0 }.min())
  }

  /// The stored integers that lie in the range: `zeroPoint + round(bound / scale)`, within the type's own.
  ///
  /// Source: `CalculateActivationRangeQuantized` of the TFLite reference kernels.
  ///
  /// - Precondition: the type is of quantized integers with a single scale.
  public func storedRange(of type: TensorType) -> (lower: Int32, upper: Int32) {
    guard let limits = type.element.integerRange, let quantization = type.quantization else {
      preconditionFailure("stored ranges are of quantized integers")
    }
    func stored(_ bound: Float) -> Int {
      let steps = (bound / quantization.scale).rounded(.toNearestOrAwayFromZero)
      // Beyond 2³⁰ steps every bound is outside of the element type, and may not fit in an integer.
      return quantization.zeroPoint + Int(min(max(steps, -0x1p30), 0x1p30))
    }
    let low = lower.map { max(limits.lowerBound, stored($0)) } ?? limits.lowerBound
    let high = upper.map { min(limits.upperBound, stored($0)) } ?? limits.upperBound
    // A bound beyond the type's own range leaves one number, not none.
    return (Int32(min(low, limits.upperBound)), Int32(max(high, limits.lowerBound)))
  }

  /// The bounds of numbers that are stored as they are, without a scale.
  func integerRange<Integer: FixedWidthInteger>(
    as type: Integer.Type = Integer.self
  ) -> (lower: Integer, upper: Integer) {
    func stored(_ bound: Float) -> Integer {
      guard bound.isFinite else { return bound < 0 ? .min : .max }
      return Integer(clamping: Int(min(max(bound, -0x1p62), 0x1p62)))
    }
    return (
      lower.map { stored($0.rounded(.up)) } ?? .min, upper.map { stored($0.rounded(.down)) } ?? .max
    )
  }

  /// The bounds as numbers, the open ends as infinities.
  var floatRange: (lower: Float, upper: Float) { (lower ?? -.infinity, upper ?? .infinity) }

  /// As `floatRange`, of another precision.
  func range<Number: BinaryFloatingPoint>(of type: Number.Type) -> (lower: Number, upper: Number) {
    (Number(floatRange.lower), Number(floatRange.upper))
  }
}

extension Clamp: Codable {
  /// From a list of two bounds, either of which may be `null`.
  public init(from decoder: any Decoder) throws {
    var bounds = try decoder.unkeyedContainer()
    lower = try bounds.decode(Float?.self)
    upper = try bounds.decode(Float?.self)
  }

  /// As a list of two bounds, `null` for an open end.
  public func encode(to encoder: any Encoder) throws {
    var bounds = encoder.unkeyedContainer()
    try bounds.encode(lower)
    try bounds.encode(upper)
  }
}
