/// The expected square of the error when the numbers of a histogram are quantized for a range.
///
/// Levels lie at multiples of a step, and each number becomes the nearest: `Σ (number − level)²` over the numbers between
/// the middles to the neighbours, and for the outermost levels over all that lies beyond. Numbers are taken to lie
/// evenly in their bins; zeros have no error.
package struct SquaredError {
  /// Sums over numbers: how many, and their first and second powers.
  private struct Moments {
    var count = 0.0
    var sum = 0.0
    var squares = 0.0

    /// `Σ (number − level)²`, without those of `earlier`.
    func error(since earlier: Moments, at level: Double) -> Double {
      squares - earlier.squares - 2 * level * (sum - earlier.sum)
        + level * level * (count - earlier.count)
    }
  }

  /// Over all bins before an index.
  private let before: [Moments]
  private let width: Double
  private let levels: Int
  private let isSymmetric: Bool

  /// - Parameter levels: how many levels a range has; a symmetric one uses one less.
  package init(_ histogram: ValueHistogram, levels: Int, isSymmetric: Bool) {
    self.isSymmetric = isSymmetric
    self.levels = max(2, levels - (isSymmetric ? 1 : 0))
    width = histogram.width
    var sums = Moments()
    before =
      [sums]
      + histogram.counts.enumerated().map { index, count in
        sums = Self.moments(sums, Double(count), of: index, part: 1, histogram.width)
        return sums
      }
  }

  /// The sum over all numbers if `range` is quantized, moved by up to half a step so that 0 has a level.
  package func callAsFunction(_ range: ClosedRange<Float>) -> Double {
    let step = self.step(of: range)
    // Within a bin numbers lie evenly, so there is no need to visit steps that are smaller.
    return step > width
      ? error(ofStep: step, from: first(of: range))
      : error(ofSmallStep: step, Double(range.lowerBound)...Double(range.upperBound))
  }

  /// The range from the lowest level to the highest when one of them is moved to 0.
  package func moved(_ range: ClosedRange<Float>) -> ClosedRange<Float> {
    let (step, first) = (step(of: range), first(of: range))
    return step > 0 ? Float(first * step)...Float((first + Double(levels - 1)) * step) : range
  }

  private func step(of range: ClosedRange<Float>) -> Double {
    (Double(range.upperBound) - Double(range.lowerBound)) / Double(levels - 1)
  }

  /// The place of the lowest level in steps.
  private func first(of range: ClosedRange<Float>) -> Double {
    (Double(range.lowerBound) / step(of: range)).rounded() + 0
  }

  /// Level by level; the first is at `first · step`.
  private func error(ofStep step: Double, from first: Double) -> Double {
    var (sum, start) = (0.0, before[0])
    for level in 0..<levels - 1 {
      let place = (first + Double(level)) * step
      let end = moments(below: place + step / 2)
      sum += end.error(since: start, at: place)
      start = end
    }
    return sum
      + before[before.count - 1].error(
        since: start, at: (first + Double(levels - 1)) * step)
  }

  /// `step² / 12` for each number in the range.
  private func error(ofSmallStep step: Double, _ range: ClosedRange<Double>) -> Double {
    let (start, end) = (moments(below: range.lowerBound), moments(below: range.upperBound))
    return (end.count - start.count) * step * step / 12
      + start.error(since: before[0], at: range.lowerBound)
      + before[before.count - 1].error(since: end, at: range.upperBound)
  }

  private func moments(below number: Double) -> Moments {
    let place = min(max(0, number / width + Double(ValueHistogram.side)), Double(before.count - 1))
    let index = min(Int(place), before.count - 2)
    let count = before[index + 1].count - before[index].count
    return Self.moments(before[index], count, of: index, part: place - Double(index), width)
  }

  /// `sums` and the first `part` of `count` numbers in a bin.
  private static func moments(
    _ sums: Moments, _ count: Double, of index: Int, part: Double, _ width: Double
  ) -> Moments {
    let start = Double(index - ValueHistogram.side)
    return Moments(
      count: sums.count + count * part,
      sum: sums.sum + count * part * (start + part / 2) * width,
      squares: sums.squares
        + count * part * (start * start + start * part + part * part / 3) * width * width)
  }
}

extension ValueHistogram {
  /// The range with the least `SquaredError`, among those that whole bins make up.
  ///
  /// - Parameter widest: what the numbers lie in; no range goes beyond it.
  package func rangeOfLeastSquares(
    within widest: ClosedRange<Float>, levels: Int, _ isSymmetric: Bool
  ) -> ClosedRange<Float> {
    let error = SquaredError(self, levels: levels, isSymmetric: isSymmetric)
    let search = RangeSearch(reach: reach, isSymmetric: isSymmetric) { span in
      error(isSymmetric ? range(of: span) : range(of: span).clamped(to: widest))
    }
    return error.moved(range(of: search.best()))
  }
}
