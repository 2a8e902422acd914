import Foundation
import Testing

import Quantization

struct HistogramTests {
  @Test(arguments: [1, 7, 1023, 4097, 300_000])
  func binsCountWhatLiesInThem(count: Int) {
    let numbers = Numbers.normal(count, seed: 5).map { abs($0) < 0.3 ? 0 : $0 }
    let histogram = Self.histogram([numbers])
    var expected = [UInt64](repeating: 0, count: 2 * ValueHistogram.side)
    for number in numbers where number != 0 {
      expected[Int((Double(number) / histogram.width).rounded(.down)) + ValueHistogram.side] += 1
    }
    #expect(histogram.counts == expected)
    #expect(histogram.zeroCount == numbers.count { $0 == 0 })
    #expect(histogram.total == count)
  }

  /// The largest number is 2¹¹ bins away from 0 at most, and more than 2¹⁰.
  @Test func binsGrowByDoubling() {
    let numbers: [[Float]] = [[0.001], [-1], [0.5], [70], [-1e9]]
    let histogram = Self.histogram(numbers)
    #expect(histogram.width == 0x1p19)
    #expect(histogram.counts.count == 2 * ValueHistogram.side)
    #expect(histogram.total == 5)
    #expect(histogram.reach == BinSpan(lower: 1908, upper: 1))
  }

  @Test func ofPowersOfTwoTheLowerOneLiesWithin() {
    #expect(Self.histogram([[1]]).width == 0x1p-10)
    #expect(Self.histogram([[-1]]).width == 0x1p-11)
    #expect(Self.histogram([[-1]]).reach == BinSpan(lower: 2048, upper: 0))
  }

  @Test func hugeAndTinyNumbersHaveBins() {
    let largest = Float.greatestFiniteMagnitude
    let histogram = Self.histogram([[largest], [-largest], [Float.leastNonzeroMagnitude]])
    #expect(histogram.total == 3)
    #expect(histogram.reach == BinSpan(lower: 2048, upper: 2048))
    #expect(Self.histogram([[Float.leastNonzeroMagnitude]]).reach == BinSpan(lower: 0, upper: 1))
  }

  private static func histogram(_ samples: [[Float]]) -> ValueHistogram {
    samples.reduce(into: ValueHistogram()) { histogram, sample in
      sample.withUnsafeBufferPointer {
        histogram.add($0, within: sample.min()!...sample.max()!)
      }
    }
  }
}
