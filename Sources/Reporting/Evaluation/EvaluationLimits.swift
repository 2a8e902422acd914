import Evaluation
import Foundation
import Support

/// What an evaluation must reach to be accepted.
public struct EvaluationLimits: Hashable, Sendable {
  /// The least figure: percent of shares, else in the metric's unit; nil for any.
  public let minimum: Double?
  /// The most percentage points by which the figure may be lower than the other model's; nil for any.
  public let maximumDrop: Double?

  /// Without arguments, everything is accepted.
  public init(minimum: Double? = nil, maximumDrop: Double? = nil) {
    self.minimum = minimum
    self.maximumDrop = maximumDrop
  }

  /// All that does not hold of an evaluation, and that a simulation does not give the CPU's bits.
  ///
  /// Figures are those on the target, where that was run besides.
  public func breaches(_ report: EvaluationReport) -> [Diagnostic] {
    var breaches: [Diagnostic] = []
    let scale = [.hits, .share].contains(report.unit) ? 100.0 : 1
    let value = (report.target?.result ?? report.result).value.map { scale * $0 }
    // Of equal models SQNR has no figure, and is not too low.
    let isExact = report.unit == .decibels && report.against?.cosine != nil && value == nil
    if let minimum, !isExact, (value ?? -.infinity) < minimum {
      breaches.append(Diagnostic(.belowMinimum(report.metric, value, minimum)))
    }
    if let maximumDrop, let drop = report.against?.drop?.points, drop > maximumDrop {
      breaches.append(Diagnostic(.largeDrop(report.metric, drop, maximumDrop)))
    }
    if let differing = report.target?.differingSamples, differing > 0 {
      breaches.append(Diagnostic(.simulationDiffers(differing, report.samples)))
    }
    return breaches
  }
}

extension Diagnostic.Message {
  fileprivate static func belowMinimum(_ metric: String, _ value: Double?, _ minimum: Double)
    -> Self
  {
    let found = value.map { String(format: "%.4g", $0) } ?? "unknown"
    return Self(
      id: "below-minimum", .checkFailed,
      "`\(metric)` is \(found), less than \(String(format: "%g", minimum))")
  }

  fileprivate static func largeDrop(_ metric: String, _ points: Double, _ maximum: Double) -> Self {
    Self(
      id: "large-drop", .checkFailed,
      "`\(metric)` fell by \(String(format: "%.2f", points)) points, more than "
        + String(format: "%g", maximum))
  }

  fileprivate static func simulationDiffers(_ count: Int, _ samples: Int) -> Self {
    Self(
      id: "simulation-differs", .checkFailed,
      "on \(count) of \(samples) samples the simulated target gives other bits than the CPU")
  }
}
