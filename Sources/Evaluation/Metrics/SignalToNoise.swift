import Foundation

extension Metric {
  /// The power of the other model's outputs by that of the difference: `10 · log10(Σ other² / Σ (output − other)²)`, over
  /// all samples.
  public static let sqnr = Metric(
    "sqnr", "signal to noise of the outputs against the other model's, in dB",
    against: .otherModel, in: .decibels
  ) { answer in
    let (found, expected) = try answer.realPair()
    let noise = zip(found, expected).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    return [expected.reduce(0) { $0 + $1 * $1 }, noise]
  } figure: { evidence in
    10 * log10(evidence.reduce(0) { $0 + $1[0] } / evidence.reduce(0) { $0 + $1[1] })
  }
}
