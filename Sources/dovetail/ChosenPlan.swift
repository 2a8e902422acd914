import Foundation
import Quantization
import Reporting
import Support

/// A plan that was chosen, and what is told about it.
struct ChosenPlan {
  let choice: MixedPrecision
  let unit: String

  /// The plan as a file, with what each layer costs and loses.
  func text(file: String) -> String {
    let remarks = Dictionary(
      choice.layers.map { ($0.pattern, remark($0)) }, uniquingKeysWith: { first, _ in first })
    let heading = [
      "Which scheme each layer of \(Escaping.terminal(file)) is quantized by. To be read and edited by hand:",
      "`dovetail quantize MODEL --calibration DATA --plan THIS -o FILE` makes the model.",
      cost, "Drop that was measured: \(String(format: "%.2f", choice.drop)) points.",
    ]
    return choice.plan.text(heading: heading) { remarks[$0.pattern] }
  }

  /// What it costs and loses, for the terminal.
  var summary: String {
    let total = choice.totalCost ?? choice.predictedCost
    let counts = choice.layers.reduce(into: [:]) { $0[$1.scheme.text, default: 0] += 1 }
    let schemes = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return "layers: \(schemes.map { "\($0.value) \($0.key)" }.joined(separator: ", ")); "
      + "\(Figures.grouped(Int(total.rounded()))) \(unit), drop \(drop) points"
  }

  /// With a minus that is not a hyphen, as in all tables.
  private var drop: String {
    let text = String(format: "%.2f", abs(choice.drop))
    return choice.drop < 0 && text != "0.00" ? "−\(text)" : text
  }

  private var cost: String {
    let layers = "Sum of layers: \(Figures.grouped(Int(choice.predictedCost))) \(unit)"
    guard let total = choice.totalCost else {
      let gap = choice.relativeGap ?? 0
      return gap == 0
        ? "\(layers), the cheapest that there is by these figures."
        : "\(layers), at most \(Figures.percent(gap)) above the cheapest by these figures."
    }
    return
      "Simulated as a whole: \(Figures.grouped(Int(total.rounded()))) \(unit), with \(choice.planCount) "
      + "plans to choose from. \(layers)."
  }

  private func remark(_ layer: MixedPrecision.Layer) -> String {
    let decibels =
      layer.error > 0 ? String(format: ", noise %.1f dB", 10 * log10(layer.error)) : ""
    return "\(layer.kind), \(Figures.grouped(Int(layer.cost.rounded()))) \(unit)\(decibels)"
  }
}
