import Foundation
import Reporting
import Support
import Testing

struct FiguresTests {
  @Test func numbersAreGroupedByThousands() {
    let cases = [
      (0, "0"), (7, "7"), (999, "999"), (1000, "1,000"), (-1, "-1"), (-1000, "-1,000"),
      (28_804, "28,804"), (1_234_567, "1,234,567"), (Int.max, "9,223,372,036,854,775,807"),
      (Int.min, "-9,223,372,036,854,775,808"),
    ]
    for (number, text) in cases { #expect(Figures.grouped(number) == text) }
  }

  /// Also at and beside the middle between two numbers.
  @Test func percentagesAreRoundedAsPrintfDoes() {
    var generator = SeededGenerator(seed: 3)
    let middles = (0..<4000).map { Double($0) / 2000 }
    let shares =
      middles + middles.flatMap { [$0.nextUp, $0.nextDown] } + [-0.00001, .nan, .infinity, 1e14]
      + (0..<4000).map { _ in Double.random(in: -3...3, using: &generator) }
    for share in shares {
      #expect(Figures.percent(share) == String(format: "%.1f %%", share * 100))
    }
  }

  @Test func numbersHaveThreeDigitsAndAUnit() {
    let cases = [
      (0, "0"), (999, "999"), (1000, "1.00 k"), (9994, "9.99 k"), (9996, "10.0 k"),
      (99_949, "99.9 k"), (99_951, "100 k"), (999_499, "999 k"), (999_500, "1.00 M"),
      (2_660_000, "2.66 M"), (-2_660_000, "-2.66 M"), (-26_600, "-26.6 k"),
      (1_500_000_000, "1.50 G"), (7_000_000_000_000, "7.00 T"),
      (Int.max, "9223372 T"),
    ]
    for (number, text) in cases { #expect(Figures.scaled(number) == text) }
  }

  @Test func bytesAreInBinaryUnits() {
    let cases = [
      (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (27_955, "27.3 KiB"),
      (1_048_575, "1.00 MiB"), (4_194_304, "4.00 MiB"), (1 << 30, "1.00 GiB"),
    ]
    for (number, text) in cases { #expect(Figures.bytes(number) == text) }
    #expect(Figures.shortBytes(27_955) == "27.3K")
    #expect(Figures.shortBytes(12) == "12")
  }

  @Test func fractionsArePercents() {
    #expect(Figures.percent(0) == "0.0 %")
    #expect(Figures.percent(1) == "100.0 %")
    #expect(Figures.percent(0.3166) == "31.7 %")
  }
}
