extension ValueHistogram {
  /// The range around 0 within which this percentage of the numbers lies, to the width of a bin or better.
  ///
  /// Half of what is left out lies below the range and half above, or, if it is symmetric, all on both sides of it.
  package func range(ofPercentage percentage: Double, _ isSymmetric: Bool) -> ClosedRange<Float> {
    let cut = (1 - percentage / 100) * Double(total)
    let below = counts[..<Self.side].reversed().map { Double($0) }
    let above = counts[Self.side...].map { Double($0) }
    guard isSymmetric else {
      return 0 - end(of: below, cutting: cut / 2)...end(of: above, cutting: cut / 2)
    }
    let reach = end(of: zip(below, above).map(+), cutting: cut)
    return 0 - reach...reach
  }

  /// Where the last `cut` numbers begin of those that lie in `bins`, counted from 0 outwards; within a bin they are
  /// taken to lie evenly.
  private func end(of bins: [Double], cutting cut: Double) -> Float {
    var left = cut
    for (index, count) in bins.enumerated().reversed() where count > 0 {
      if count > left { return Float((Double(index + 1) - left / count) * width) }
      left -= count
    }
    return 0
  }
}
