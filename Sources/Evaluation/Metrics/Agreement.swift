extension Metric {
  /// How often two models have their largest output at the same place; never where an output is not a number.
  public static let agreement = hits(
    "agreement", "share of samples that both models classify alike", against: .otherModel
  ) { answer in
    let (found, expected) = try answer.realPair()
    guard let answer = Answer.bestClass(found) else { return false }
    return answer == Answer.bestClass(expected)
  }
}
