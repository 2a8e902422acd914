import Foundation
import Testing

import Quantization

/// The errors that ranges are chosen by, against computations without histograms or sums.
struct ClippingTests {
  private static let distributions: [[Float]] = [
    Numbers.normal(4000, seed: 1),
    Numbers.normal(4000, seed: 2).map { max(0, $0) },
    Numbers.normal(4000, seed: 3).map { $0 * $0 * $0 },
    Numbers.normal(4000, seed: 4).map { $0 < 0 ? $0 * 0.01 : $0 * $0 },
    Numbers.normal(4000, seed: 5).map { $0 + 3 },
  ]

  /// Numbers are taken to lie evenly within bins, and their remainders evenly within steps.
  @Test(arguments: 0..<distributions.count, [16, 256])
  func leastSquaresAreThoseOfQuantizingEachNumber(index: Int, levels: Int) throws {
    let numbers = Self.distributions[index]
    let observer = try RangeObserver(.meanSquaredError, [numbers])
    let found = try #require(observer.range(levels: levels, isSymmetric: false))
    let (least, largest) = (min(0, numbers.min()!), max(0, numbers.max()!))
    let tried = (1...40).flatMap { lower in
      (1...40).map { least * Float(lower) / 40...largest * Float($0) / 40 }
    }
    let best = tried.map { Self.error(of: numbers, $0, levels - 1) }.min()!
    #expect(Self.error(of: numbers, found, levels - 1) < best * 1.05)
  }

  @Test(arguments: 0..<distributions.count, [16, 256])
  func symmetricLeastSquaresAreToo(index: Int, levels: Int) throws {
    let numbers = Self.distributions[index]
    let observer = try RangeObserver(.meanSquaredError, [numbers])
    let found = try #require(observer.range(levels: levels, isSymmetric: true))
    let largest = numbers.map { abs($0) }.max()!
    let tried = (1...200).map { -largest * Float($0) / 200...largest * Float($0) / 200 }
    let best = tried.map { Self.error(of: numbers, $0, levels - 2) }.min()!
    #expect(Self.error(of: numbers, found, levels - 2) < best * 1.05)
  }

  /// `Σ (number − quantized)²`, with steps from 0 on.
  private static func error(of numbers: [Float], _ range: ClosedRange<Float>, _ steps: Int)
    -> Double
  {
    let step = (range.upperBound - range.lowerBound) / Float(steps)
    return numbers.map { number in
      let clipped = min(max(number, range.lowerBound), range.upperBound)
      let difference = Double(number - (clipped / step).rounded() * step)
      return difference * difference
    }.reduce(0, +)
  }

  @Test(arguments: 0..<distributions.count)
  func divergenceIsTheSumOverAllBins(index: Int) throws {
    let histogram = Self.histogram(Self.distributions[index])
    let reach = histogram.reach
    for levels in [16, 64, 256] {
      let divergence = Divergence(histogram, levels: levels)
      for part in [1.0, 0.9, 0.61, 0.5, 0.3] {
        for span in [
          BinSpan(lower: Int(Double(reach.lower) * part), upper: reach.upper),
          BinSpan(lower: reach.lower, upper: Int(Double(reach.upper) * part)),
          BinSpan(
            lower: Int(Double(reach.lower) * part), upper: Int(Double(reach.upper) * part)),
        ] where span.count >= levels {
          let direct = Self.divergence(histogram.counts.map { Double($0) }, span.indices, levels)
          let found = divergence(span)
          #expect(found == direct || abs(found - direct) < 1e-9, "\(span), \(levels) levels")
        }
      }
    }
  }

  @Test(arguments: 0..<distributions.count)
  func leastDivergenceIsNearlyThatOfAllSpans(index: Int) throws {
    let histogram = Self.histogram(Self.distributions[index])
    let divergence = Divergence(histogram, levels: 32)
    let search = RangeSearch(reach: histogram.reach, isSymmetric: true) { divergence($0) }
    let widest = histogram.reach.symmetric.upper
    let all = (1...widest).map { divergence(BinSpan(lower: $0, upper: $0)) }
    #expect(divergence(search.best()) <= all.min()! * 1.02)
  }

  @Test func nothingIsClippedWhereEachBinHasALevel() throws {
    let observer = try RangeObserver(.entropy, [Numbers.normal(1000, seed: 2)])
    let range = try #require(observer.range(levels: 65536, isSymmetric: false))
    #expect(range == observer.extremes)
  }

  private static func histogram(_ numbers: [Float]) -> ValueHistogram {
    var histogram = ValueHistogram()
    numbers.withUnsafeBufferPointer {
      histogram.add($0, within: numbers.min()!...numbers.max()!)
    }
    return histogram
  }

  /// `Σ p · log(p / q)` of the definition, without sums made ahead.
  private static func divergence(_ counts: [Double], _ bins: Range<Int>, _ levels: Int) -> Double {
    var p = Array(counts[bins])
    p[0] += counts[..<bins.lowerBound].reduce(0, +)
    p[p.count - 1] += counts[bins.upperBound...].reduce(0, +)
    var q = [Double](repeating: 0, count: p.count)
    for level in 0..<levels {
      let group = level * p.count / levels..<(level + 1) * p.count / levels
      let filled = group.filter { p[$0] > 0 }
      let sum = group.map { counts[bins.lowerBound + $0] }.reduce(0, +)
      for bin in filled { q[bin] = sum / Double(filled.count) }
    }
    let (pSum, qSum) = (p.reduce(0, +), q.reduce(0, +))
    return zip(p, q).map { $0 > 0 ? $0 / pSum * log($0 / pSum / ($1 / qSum)) : 0 }.reduce(0, +)
  }
}
