extension Metric {
  /// The cosine of the angle between the outputs of two models, taken as vectors over all samples.
  public static let cosine = Metric(
    "cosine", "cosine of the angle between the outputs and the other model's",
    against: .otherModel, in: .cosine
  ) { answer in
    let (found, expected) = try answer.realPair()
    return zip(found, expected).reduce(into: [0, 0, 0]) { sums, pair in
      sums[0] += pair.0 * pair.1
      sums[1] += pair.0 * pair.0
      sums[2] += pair.1 * pair.1
    }
  } figure: { evidence in
    let sums = (0..<3).map { place in evidence.reduce(0) { $0 + $1[place] } }
    // Two vectors of nothing but zeros are equal.
    if sums[1] == 0, sums[2] == 0 { return 1 }
    return sums[0] / (sums[1] * sums[2]).squareRoot()
  }
}
