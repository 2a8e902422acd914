extension Metric {
  /// How often two models have their largest output at the same place.
  public static let agreement = hits(
    "agreement", "share of samples that both models classify alike", against: .otherModel
  ) { answer in
    let (found, expected) = try answer.realPair()
    return Answer.bestClass(found) == Answer.bestClass(expected)
  }
}
