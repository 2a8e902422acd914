import Foundation

/// How much the distribution of quantized numbers differs from that of the numbers: the divergence of Kullback and
/// Leibler, `Σ p · log(p / q)`.
///
/// For a range, `p` are the counts of its bins, and what lies beyond is counted in the outermost ones. For `q`, the bins
/// that share a level share what these bins hold without the numbers from beyond, evenly among those that are not
/// empty. So the divergence grows with what is clipped as well as with the width of a step.
///
/// Source: Migacz, "8-bit inference with TensorRT", GPU Technology Conference 2017, which has absolute values only; here
/// both ends of a range may be found. Ranges of fewer bins than levels are left out there and here: they would
/// have no error of rounding.
package struct Divergence {
  /// Sums over all bins before an index: of counts, of `count · log(count)`, and how many bins are not empty.
  private struct Sums {
    var count = 0.0
    var entropy = 0.0
    var filled = 0.0
  }

  private let before: [Sums]
  private let levels: Int

  /// - Parameter levels: how many steps a range has.
  package init(_ histogram: ValueHistogram, levels: Int) {
    self.levels = max(1, levels)
    var sums = Sums()
    before =
      [sums]
      + histogram.counts.map { count in
        sums.count += Double(count)
        sums.entropy += Self.entropy(Double(count))
        sums.filled += count > 0 ? 1 : 0
        return sums
      }
  }

  /// The divergence if the bins of `span` are kept; infinite where `q` has nothing in place of what was clipped.
  package func callAsFunction(_ span: BinSpan) -> Double {
    let bins = span.indices
    guard bins.count >= levels || covers(bins) else { return .infinity }
    let (all, inside) = (before[before.count - 1].count, total(bins).count)
    guard inside > 0 else { return .infinity }
    return (entropy(bins) - crossEntropy(bins)) / all + log(inside / all)
  }

  /// Whether nothing lies beyond `bins`.
  private func covers(_ bins: Range<Int>) -> Bool {
    total(bins).count == before[before.count - 1].count
  }

  /// `Σ p · log(p)`.
  private func entropy(_ bins: Range<Int>) -> Double {
    let inner = bins.dropFirst().dropLast()
    return total(inner).entropy + ends(bins).map { Self.entropy(p($0, bins)) }.reduce(0, +)
  }

  /// The count of a bin at an end of `bins`, with what lies beyond that end.
  private func p(_ bin: Int, _ bins: Range<Int>) -> Double {
    let first = bin == bins.lowerBound ? 0 : bin
    let last = bin == bins.upperBound - 1 ? before.count - 1 : bin + 1
    return total(first..<last).count
  }

  /// `Σ p · log(q)`, level by level: `q` is the same for all bins of a level that are not empty.
  private func crossEntropy(_ bins: Range<Int>) -> Double {
    let groups = min(levels, bins.count)
    let filled = binsFilledFromBeyond(bins)
    return (0..<groups).reduce(0) { sum, group in
      let first = bins.lowerBound + group * bins.count / groups
      let last = bins.lowerBound + (group + 1) * bins.count / groups
      return sum + crossEntropy(first..<last, of: bins, filledFromBeyond: filled)
    }
  }

  private func crossEntropy(
    _ group: Range<Int>, of bins: Range<Int>, filledFromBeyond: [Int]
  ) -> Double {
    let inside = total(group)
    let first = group.lowerBound == bins.lowerBound ? 0 : group.lowerBound
    let last = group.upperBound == bins.upperBound ? before.count - 1 : group.upperBound
    let mass = total(first..<last).count
    guard mass > 0 else { return 0 }
    let filled = inside.filled + Double(filledFromBeyond.count(where: group.contains))
    return mass * log(inside.count / filled)
  }

  /// The bins at the ends that hold nothing but numbers from beyond.
  private func binsFilledFromBeyond(_ bins: Range<Int>) -> [Int] {
    ends(bins).filter { total($0..<$0 + 1).count == 0 && p($0, bins) > 0 }
  }

  private func ends(_ bins: Range<Int>) -> [Int] {
    bins.count > 1 ? [bins.lowerBound, bins.upperBound - 1] : [bins.lowerBound]
  }

  private func total(_ bins: Range<Int>) -> Sums {
    let (first, last) = (before[bins.lowerBound], before[bins.upperBound])
    return Sums(
      count: last.count - first.count, entropy: last.entropy - first.entropy,
      filled: last.filled - first.filled)
  }

  private static func entropy(_ count: Double) -> Double { count > 0 ? count * log(count) : 0 }
}

extension ValueHistogram {
  /// The range with the least `Divergence`, among those that whole bins make up.
  package func rangeOfLeastDivergence(levels: Int, _ isSymmetric: Bool) -> ClosedRange<Float> {
    let divergence = Divergence(self, levels: levels)
    let search = RangeSearch(reach: reach, isSymmetric: isSymmetric) { divergence($0) }
    return range(of: search.best())
  }
}
