/// The expected square of the error when the numbers of a histogram are quantized for a range.
///
/// Numbers within the range are rounded: `step² / 12` each. Those beyond it become its end: their distance to it,
/// squared. Numbers are taken to lie evenly in their bins; zeros have no error.
struct SquaredError {
  /// Sums over all bins before an index: how many numbers, and their first and second powers.
  private struct Moments {
    var count = 0.0
    var sum = 0.0
    var squares = 0.0
  }

  private let before: [Moments]
  private let levels: Int

  /// - Parameter levels: how many steps a range has; a symmetric one uses one less.
  init(_ histogram: ValueHistogram, levels: Int) {
    self.levels = levels
    let width = histogram.width
    var sums = Moments()
    before =
      [sums]
      + histogram.counts.enumerated().map { index, count in
        let (count, middle) = (Double(count), Double(index - ValueHistogram.side) + 0.5)
        sums.count += count
        sums.sum += count * middle * width
        sums.squares += count * (middle * middle + 1 / 12) * width * width
        return sums
      }
  }

  /// The sum over all numbers for a range that keeps `span`, whose ends are given in numbers.
  func callAsFunction(_ span: BinSpan, _ range: ClosedRange<Float>, isSymmetric: Bool) -> Double {
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    let step = (upper - lower) / Double(max(1, levels - (isSymmetric ? 2 : 1)))
    let inside = before[span.indices.upperBound].count - before[span.indices.lowerBound].count
    return inside * step * step / 12 + clipped(0..<span.indices.lowerBound, to: lower)
      + clipped(span.indices.upperBound..<before.count - 1, to: upper)
  }

  /// `Σ (number − end)²`.
  private func clipped(_ bins: Range<Int>, to end: Double) -> Double {
    let (first, last) = (before[bins.lowerBound], before[bins.upperBound])
    let sum = last.sum - first.sum
    return last.squares - first.squares - 2 * end * sum + end * end * (last.count - first.count)
  }
}

extension ValueHistogram {
  /// The range with the least `SquaredError`, among those that whole bins make up.
  ///
  /// - Parameter widest: what the numbers lie in; no range goes beyond it.
  func rangeOfLeastSquares(
    within widest: ClosedRange<Float>, levels: Int, _ isSymmetric: Bool
  ) -> ClosedRange<Float> {
    let error = SquaredError(self, levels: levels)
    let search = RangeSearch(reach: reach, isSymmetric: isSymmetric) { span in
      let range = isSymmetric ? range(of: span) : range(of: span).clamped(to: widest)
      return error(span, range, isSymmetric: isSymmetric)
    }
    return range(of: search.best())
  }
}
