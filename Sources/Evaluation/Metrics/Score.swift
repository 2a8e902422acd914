/// A metric's figure for one model.
public struct Score: Sendable {
  /// What was measured.
  public let metric: Metric
  /// What each sample contributes, in the samples' order.
  public let evidence: [[Double]]
  /// The figure, in the metric's unit; nil where the samples say nothing, or where it is not finite: of equal outputs, SQNR
  /// has none.
  public let value: Double?

  init(metric: Metric, evidence: [[Double]], value: Double?) {
    self.metric = metric
    self.evidence = evidence
    self.value = value.flatMap { $0.isFinite ? $0 : nil }
  }

  /// On how many of the samples the metric holds; nil for metrics of another kind.
  public var proportion: Proportion? {
    metric.unit == .hits ? Proportion(hits.count { $0 }, of: hits.count) : nil
  }

  /// On which samples the metric holds; empty for metrics of another kind.
  public var hits: [Bool] { metric.unit == .hits ? evidence.map { $0[0] == 1 } : [] }
}
