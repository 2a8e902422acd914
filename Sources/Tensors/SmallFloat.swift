import Foundation

/// Floating-point numbers of 8 bits, by how the bits are shared out.
///
/// Source: "OCP 8-bit Floating Point Specification (OFP8)", revision 1.0.
struct SmallFloat {
  /// Of the fraction; the exponent has the other bits but the sign.
  let fractionBits: Int
  /// What the exponent is stored with.
  let bias: Int
  /// The bits of the largest number.
  let largest: UInt8
  /// Whether the largest exponent is left to infinities and NaNs, as in IEEE 754.
  let hasInfinities: Bool

  /// Four bits of exponent; no infinities, and a NaN where all bits are set.
  static let e4m3 = SmallFloat(fractionBits: 3, bias: 7, largest: 0x7e, hasInfinities: false)
  /// Five bits of exponent, as the upper half of an `f16`.
  static let e5m2 = SmallFloat(fractionBits: 2, bias: 15, largest: 0x7b, hasInfinities: true)

  /// The number that `bits` stand for.
  func number(_ bits: UInt8) -> Double {
    let magnitude = bits & 0x7f
    let sign: Double = bits >> 7 == 1 ? -1 : 1
    guard magnitude <= largest else {
      return hasInfinities && magnitude == largest + 1 ? sign * .infinity : .nan
    }
    let exponent = Int(magnitude >> fractionBits)
    let fraction = Int(magnitude) - exponent << fractionBits
    let significand = exponent == 0 ? fraction : fraction + 1 << fractionBits
    return sign * scalbn(Double(significand), max(1, exponent) - bias - fractionBits)
  }

  /// The bits of the number nearest to `number`, ties to even, and at most the largest one; a NaN stays a NaN.
  func bits(_ number: Double) -> UInt8 {
    let sign: UInt8 = number.sign == .minus ? 0x80 : 0
    let magnitude = abs(number)
    guard !number.isNaN else { return sign | 0x7f }
    guard magnitude < self.number(largest) else { return sign | largest }
    let exponent = magnitude == 0 ? 1 - bias : max(1 - bias, Int(magnitude.exponent))
    let steps = scalbn(magnitude, fractionBits - exponent).rounded(.toNearestOrEven)
    // A significand that was rounded up to the next power of two carries into the exponent by itself.
    let stored = Int(steps) + (exponent + bias - 1) << fractionBits
    return sign | UInt8(stored)
  }
}
