import Evaluation
import Testing

struct ProportionTests {
  /// 9 of 10 and 7 of 10 are right; the first alone on 3, the second alone on 1. By hand, with n + 2 = 12:
  /// p₁ = 4/12, p₂ = 2/12, 1/6 ± 1.96·√((1/2 − 1/36) / 12) = 0.16667 ± 0.38883.
  @Test func pairsAreCountedAsMcNemarDoes() {
    let first = [true, true, true, true, true, true, true, true, true, false]
    let second = [true, true, true, true, true, true, false, false, false, true]
    let paired = PairedProportions(first, second)
    #expect(paired.onlyFirst == 3 && paired.onlySecond == 1)
    #expect(paired.difference == 0.2)
    #expect(abs(paired.interval.lowerBound + 0.22216) < 1e-4)
    #expect(abs(paired.interval.upperBound - 0.5555) < 1e-4)
  }

  @Test func equalModelsMayStillDiffer() {
    let paired = PairedProportions([true, false], [true, false])
    #expect(paired.difference == 0)
    #expect(paired.interval.lowerBound == -paired.interval.upperBound)
    #expect(paired.interval.upperBound > 0)
  }
}
