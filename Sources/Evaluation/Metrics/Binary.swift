import Support

extension Metric {
  /// How often a model rightly says that something is there: its largest score is above the threshold just where the label
  /// is not 0.
  ///
  /// Of logits the threshold 0 is a probability of one half.
  public static let binary = hits(
    "binary", "share of samples where the largest score is above the threshold as the label says"
  ) { answer in
    let label = try answer.label()
    guard (0...1).contains(label) else { throw Diagnostic(.notBinary(label)) }
    let scores = answer.output.realNumbers
    // Which of them is the largest cannot be said, so neither answer is right.
    guard !scores.contains(where: \.isNaN) else { return false }
    return ((scores.max() ?? -.infinity) > answer.threshold) == (label == 1)
  }
}

extension Diagnostic.Message {
  fileprivate static func notBinary(_ label: Int) -> Self {
    Self(id: "label-range", .malformed, "a label is \(label), but `binary` takes 0 and 1")
  }
}
