/// A search for the span of bins with the least error, from coarse to fine.
///
/// Spans are first tried in steps of many bins, so that there are two or three hundred of them, and then around the best one
/// in steps half as wide each time. Of spans that are equally good the widest is taken.
package struct RangeSearch {
  /// Beyond which there is nothing to keep.
  package let reach: BinSpan
  /// Whether a span must be as wide below 0 as above.
  package let isSymmetric: Bool
  /// What is to be as small as can be.
  package let error: (BinSpan) -> Double

  /// - Parameter error: has one minimum, or is nearly so.
  package init(reach: BinSpan, isSymmetric: Bool, error: @escaping (BinSpan) -> Double) {
    self.reach = reach
    self.isSymmetric = isSymmetric
    self.error = error
  }

  private static let coarseCount = 256

  /// The best span that was found; `reach` itself if it is empty.
  package func best() -> BinSpan {
    let widest = isSymmetric ? reach.symmetric : reach
    guard widest.count > 0 else { return widest }
    var step = coarseStep(widest)
    var best = (span: widest, error: error(widest))
    improve(&best, in: spans(within: widest, from: BinSpan(lower: 0, upper: 0), step))
    while step > 1 {
      step /= 2
      let around = (
        BinSpan(lower: best.span.lower + 2 * step, upper: best.span.upper + 2 * step),
        BinSpan(lower: best.span.lower - 2 * step, upper: best.span.upper - 2 * step)
      )
      improve(&best, in: spans(within: around.0, from: around.1, step))
    }
    return best.span
  }

  private func improve(_ best: inout (span: BinSpan, error: Double), in spans: [BinSpan]) {
    for span in spans {
      let error = error(span)
      if error < best.error { best = (span, error) }
    }
  }

  private func coarseStep(_ widest: BinSpan) -> Int {
    var step = 1
    while count(widest, step) > Self.coarseCount { step *= 2 }
    return step
  }

  private func count(_ widest: BinSpan, _ step: Int) -> Int {
    isSymmetric
      ? widest.upper / step + 1 : (widest.lower / step + 1) * (widest.upper / step + 1)
  }

  /// The spans from `widest` down to `narrowest` in steps, as far as they lie within reach; the widest first.
  private func spans(within widest: BinSpan, from narrowest: BinSpan, _ step: Int) -> [BinSpan] {
    let limit = isSymmetric ? reach.symmetric : reach
    let lowers = stride(from: widest.lower, through: narrowest.lower, by: -step)
      .filter { 0...limit.lower ~= $0 }
    let uppers = stride(from: widest.upper, through: narrowest.upper, by: -step)
      .filter { 0...limit.upper ~= $0 }
    let spans =
      isSymmetric
      ? uppers.map { BinSpan(lower: $0, upper: $0) }
      : lowers.flatMap { lower in uppers.map { BinSpan(lower: lower, upper: $0) } }
    return spans.filter { $0.count > 0 }
  }
}
