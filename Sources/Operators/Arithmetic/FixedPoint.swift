import Support

/// A positive real factor as the integer arithmetic of quantized kernels has it: `multiplier · 2^(shift − 31)`.
///
/// Source: `QuantizeMultiplier` of the TFLite reference kernels; Jacob et al., "Quantization and training of
/// neural networks for efficient integer-arithmetic-only inference", CVPR 2018, section 2.2.
public struct FixedPoint: Hashable, Sendable {
  /// From 2³⁰ to 2³¹ − 1, or 0 for a factor too small to matter.
  public let multiplier: Int32
  /// Positive to the left.
  public let shift: Int32

  /// As for a positive factor, but zero and negative ones have multipliers of their sign.
  ///
  /// - Throws: a `Diagnostic` if the factor is not a number, or its magnitude is 2³¹ or more.
  init(signed factor: Double) throws {
    let magnitude = factor == 0 ? FixedPoint(multiplier: 0, shift: 0) : try FixedPoint(abs(factor))
    self.init(
      multiplier: factor < 0 ? -magnitude.multiplier : magnitude.multiplier, shift: magnitude.shift)
  }

  /// The parts as they are, for factors that were computed before.
  public init(multiplier: Int32, shift: Int32) {
    self.multiplier = multiplier
    self.shift = shift
  }

  /// The one nearest to a factor, or 0 for a factor below 2⁻³².
  ///
  /// - Throws: a `Diagnostic` if the factor is not positive, or is 2³¹ or more.
  public init(_ factor: Double) throws {
    try Self.check(factor)
    // Swift's significand is in 1 ..< 2, that of C's frexp in 0.5 ..< 1.
    let exponent = Int32(factor.exponent) + 1
    let rounded = Int64((factor.significand * 0x1p30).rounded(.toNearestOrAwayFromZero))
    let isCarried = rounded == 1 << 31
    let carriedExponent = isCarried ? exponent + 1 : exponent
    // It would shift every 32-bit accumulator down to zero.
    let isNegligible = carriedExponent < -31
    multiplier = isNegligible ? 0 : Int32(isCarried ? rounded / 2 : rounded)
    shift = isNegligible ? 0 : carriedExponent
  }
}

extension FixedPoint {
  /// - Throws: a `Diagnostic` if a factor is not positive, or is 2³¹ or more: no sum survives it.
  static func check(_ factor: Double) throws {
    guard factor.isFinite, factor > 0, factor < 0x1p31 else {
      throw Diagnostic(
        .factorOutOfRange(factor), help: "the scales of operands and results do not fit together")
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func factorOutOfRange(_ factor: Double) -> Self {
    Self(id: "factor-out-of-range", .malformed, "the scales give a factor of \(factor)")
  }
}
