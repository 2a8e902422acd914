/// How the extremes of samples, all on one side of zero, lie about their mean.
///
/// Samples that have been seen seldom reach as far as those that have not. Where they scatter, the range is to be wider than
/// the farthest of them; where several stop at the same number, it is a bound.
struct ExtremeSpread: Sendable {
  private var count = 0.0
  private var mean = 0.0
  private var squares = 0.0
  private var farthest = -Float.infinity
  /// How many samples reach `farthest`.
  private var reached = 0

  /// How many standard deviations beyond their mean the extremes of others are expected to stay below.
  private static let deviations = 2.5

  /// Takes in how far a sample reaches.
  mutating func add(_ extreme: Float) {
    // Welford's recurrence, which does not cancel digits.
    count += 1
    let distance = Double(extreme) - mean
    mean += distance / count
    squares += distance * (Double(extreme) - mean)
    if extreme > farthest { (farthest, reached) = (extreme, 0) }
    if extreme == farthest { reached += 1 }
  }

  /// How far samples are expected to reach: at least as far as those that were seen.
  var expected: Float {
    guard count > 0, reached == 1 else { return farthest }
    let reach = Float(mean + Self.deviations * (squares / count).squareRoot())
    return reach.isFinite ? max(farthest, reach) : farthest
  }
}
