import Evaluation
import Foundation

/// What an evaluation found, for the terminal.
public struct EvaluationText: Sendable {
  private let report: EvaluationReport
  private let width: Int

  /// - Parameter width: of the terminal, in columns; a narrower one than 60 is taken for one of 60.
  public init(_ report: EvaluationReport, width: Int = 80) {
    self.report = report
    self.width = max(60, width)
  }

  /// A line for one model; for a comparison a table of all, and how they differ.
  public var text: String {
    let lines = report.against.map(comparison) ?? [single]
    let layers = report.layerAccuracy.map { ["", LayerAccuracyText($0, width: width).text] } ?? []
    let text = (lines + simulation + layers).joined(separator: "\n")
    return text.hasSuffix("\n") ? text : text + "\n"
  }

  /// `top1 92.00 % (276 of 300; 95 % interval 88.4 % to 94.6 %)`.
  private var single: String {
    guard let correct = report.result.correct else {
      return "\(report.metric) \(figure(report.result.value)) (\(report.samples) samples)"
    }
    return "\(report.metric) \(Figures.accuracy(Proportion(correct, of: report.samples)))"
  }

  private func comparison(_ other: EvaluationReport.Other) -> [String] {
    var table = TextTable(
      [
        .init(""), .init(other.model.name.elided(to: 24), .right),
        .init(report.model.name.elided(to: 24), .right),
      ] + (report.target?.result == nil ? [] : [.init(targetName.elided(to: 16), .right)]))
    if let expected = other.result { rows(expected, other.drop).forEach { table.add($0) } }
    let heading =
      "\(report.samples) samples, output `\(Escaping.terminal(report.output))`"
      + (other.output == report.output ? "" : " beside `\(Escaping.terminal(other.output))`")
    return heading.wrapped(to: width, indent: 2) + [""]
      + (other.result == nil ? [] : table.lines(width: width) + [""])
      + drop(other) + nearness(other)
  }

  private var targetName: String { report.target?.reference.name ?? "" }

  /// The metric of all models and, where there are any, the intervals.
  private func rows(
    _ other: EvaluationReport.Figures, _ drop: EvaluationReport.Drop?
  ) -> [[String]] {
    let columns = [other, report.result] + (report.target?.result.map { [$0] } ?? [])
    let values = [report.metric] + columns.map { figure($0.value) }
    guard other.interval != nil else { return [values] }
    return [
      values, ["correct"] + columns.map { $0.correct.map(String.init) ?? "" },
      ["95 % interval"]
        + columns.map { column in
          column.interval.map { Self.range(100 * $0.lower, 100 * $0.upper, "%.1f") + " %" } ?? ""
        },
      ["right alone"]
        + [drop?.onlyOtherCorrect, drop?.onlyModelCorrect].map { $0.map(String.init) ?? "" }
        + columns.dropFirst(2).map { _ in "" },
    ]
  }

  /// The drop in points, where both figures are shares.
  private func drop(_ other: EvaluationReport.Other) -> [String] {
    guard let drop = other.drop else { return [] }
    let interval = drop.interval.map {
      " (95 % interval \(Self.range($0.lower, $0.upper, "%.2f")))"
    }
    return ["drop       \(Self.number(drop.points, "%.2f")) points\(interval ?? "")"]
  }

  private func nearness(_ other: EvaluationReport.Other) -> [String] {
    let sqnr = other.sqnrDecibels.map { Self.number($0, "%.2f") + " dB" }
    let cosine = other.cosine.map { Self.number($0, "%.5f") }
    let agreement = other.agreement.map { String(format: "%.2f %% of samples", 100 * $0) }
    let isEqual = other.cosine != nil && other.sqnrDecibels == nil
    return [
      "output     SQNR \(sqnr ?? (isEqual ? "without noise" : "unknown")), cosine \(cosine ?? "unknown")",
      "agreement  \(agreement ?? "unknown")",
    ]
  }

  /// Whether the simulation gives the bits of the CPU, where both were run.
  private var simulation: [String] {
    guard let differing = report.target?.differingSamples else { return [] }
    let result =
      differing == 0
      ? "equal in every bit" : "differs on \(differing) of \(report.samples) samples"
    return ["simulated on \(targetName): \(result)"]
  }

  private func figure(_ value: Double?) -> String {
    guard let value else { return "unknown" }
    return switch report.unit {
    case .hits, .share: String(format: "%.2f %%", 100 * value)
    case .decibels: Self.number(value, "%.2f") + " dB"
    case .cosine: Self.number(value, "%.5f")
    case .error: String(format: "%.6g", value)
    }
  }

  private static func range(_ lower: Double, _ upper: Double, _ format: String) -> String {
    "\(number(lower, format)) to \(number(upper, format))"
  }

  /// With a minus that is not a hyphen, and without one before zero.
  private static func number(_ value: Double, _ format: String) -> String {
    let text = String(format: format, abs(value))
    let isZero = text.allSatisfy { "0.".contains($0) }
    return value < 0 && !isZero ? "−\(text)" : text
  }
}
