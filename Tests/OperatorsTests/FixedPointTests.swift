import Operators
import Support
import Testing

struct FixedPointTests {
  /// Worked out by hand: the factor as `significand · 2^shift`, the significand from 1/2 up to 1, times 2³¹.
  static let factors: [(Double, Int32, Int32)] = [
    (1, 1 << 30, 1),
    (0.5, 1 << 30, 0),
    (0.75, 3 << 29, 0),
    (0.1, 1_717_986_918, -3),  // 0.8 · 2³¹ = 1717986918.4
    (3, 3 << 29, 2),
    (0x1p-31, 1 << 30, -30),
    (0x1p-32, 1 << 30, -31),
    (0x1p-33, 0, 0),  // too small to matter
    (1 - 0x1p-40, 1 << 30, 1),  // rounds up to 1, and carries
    (0x1.fffffffffp-33, 1 << 30, -31),  // rounds up to 2⁻³², which still matters
    (0x1p31 - 1, Int32.max, 31),
  ]

  @Test(arguments: 0..<factors.count)
  func factor(_ number: Int) throws {
    let (factor, multiplier, shift) = Self.factors[number]
    let fixed = try FixedPoint(factor)
    #expect(fixed.multiplier == multiplier)
    #expect(fixed.shift == shift)
  }

  @Test(arguments: [0, -1, .nan, .infinity, 0x1p31, -0.0])
  func impossibleFactorsAreRefused(_ factor: Double) {
    #expect(throws: Diagnostic.self) { try FixedPoint(factor) }
  }

  @Test func everyFactorIsWithinHalfAStepOfItsLastBit() throws {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<10_000 {
      let factor =
        Double.random(in: 0.5..<1, using: &generator) * pow2(Int(generator.next() % 50) - 30)
      let fixed = try FixedPoint(factor)
      let value = Double(fixed.multiplier) * pow2(Int(fixed.shift) - 31)
      #expect(abs(value - factor) <= factor * 0x1p-30)
    }
  }

  private func pow2(_ exponent: Int) -> Double {
    Double(sign: .plus, exponent: exponent, significand: 1)
  }
}
