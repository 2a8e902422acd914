import Foundation

/// Differences in words and figures, which all forms of a report share.
///
/// - `name` writes a name from a model file harmlessly, and `text` anything else that comes from one.
struct DiffPhrases: Sendable {
  let name: @Sendable (String) -> String
  let text: @Sendable (String) -> String

  /// `conv + relu → relu`: names before and after, once where they are the same.
  func title(_ before: [String], _ after: [String]) -> String {
    let (old, new) = (list(before), list(after))
    if before == after || after.isEmpty { return old }
    return before.isEmpty ? new : "\(old) → \(new)"
  }

  private func list(_ names: [String]) -> String { names.map(name).joined(separator: " + ") }

  /// As `title`, with what kind of part it is.
  func title(_ change: GraphDiff.Change) -> String {
    let title = title(change.before.map(\.name), change.after.map(\.name))
    return change.part == .layer ? title : "\(change.part.rawValue) \(title)"
  }

  /// `conv2d + relu → conv2d`; empty for inputs, states and outputs.
  func operators(_ before: [String?], _ after: [String?]) -> String {
    let (old, new) = (before.compactMap { $0 }, after.compactMap { $0 })
    let words = [old, new].map { $0.map(text).joined(separator: " + ") }
    if old == new || new.isEmpty { return words[0] }
    return old.isEmpty ? words[1] : words.joined(separator: " → ")
  }

  /// A line for each detail that the title does not show.
  func details(_ change: GraphDiff.Change) -> [String] { change.details.compactMap(line) }

  private func line(_ detail: GraphDiff.Detail) -> String? {
    let values = "\(value(detail.before)) → \(value(detail.after))"
    let subject = detail.subject.map { " of \(name($0))" } ?? ""
    switch detail.kind {
    case .added, .removed, .fused, .split, .operator: return nil
    case .name: return detail.subject == nil ? nil : "constant \(values)"
    case .attributes: return "\(name(detail.subject ?? "")) \(values)"
    case .operands: return "\(detail.subject ?? "") \(values)"
    case .type: return "type\(subject) \(values)"
    case .quantization: return "quantization\(subject) \(values)"
    case .weights:
      return "weights\(subject): \(detail.weights?.text ?? "other elements")"
    }
  }

  private func value(_ value: String?) -> String {
    value.map { text(Escaping.shortened($0, to: 80)) } ?? "none"
  }

  /// `3 changes: 1 fused, 2 name; 4 layers follow from them`.
  func summary(_ diff: GraphDiff) -> String {
    let kinds = GraphDiff.Kind.allCases.compactMap { kind -> String? in
      let count = diff.changes.count { $0.kinds.first == kind }
      return count == 0 ? nil : "\(count) \(kind.rawValue)"
    }
    let count = "\(diff.changes.count) \(diff.changes.count == 1 ? "change" : "changes")"
    return "\(count): \(kinds.joined(separator: ", "))" + consequences(diff)
  }

  private func consequences(_ diff: GraphDiff) -> String {
    switch diff.consequences {
    case 0: ""
    case 1: "; 1 more layer has other types because of it"
    default: "; \(diff.consequences) more layers have other types because of it"
    }
  }
}

/// Figures of differences as people read them.
enum DiffFigures {
  /// In the unit that the name says.
  static func text(_ name: String, _ value: Double?) -> String {
    guard let value else { return "none" }
    let field = name.split(separator: ".").first.map(String.init) ?? name
    if field.hasSuffix("Bytes") { return Figures.bytes(integer(value)) }
    if field == "utilization" || field.hasPrefix("accuracy") {
      return String(format: "%.2f %%", value * 100)
    }
    if field.hasSuffix("Milliseconds") { return String(format: "%.3f", value) }
    return value == value.rounded() ? grouped(value) : String(format: "%.6g", value)
  }

  /// The name of a figure in words: `peak of sram` for `peakMemoryBytes.sram`.
  static func title(_ name: String) -> String {
    let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
    let rest = parts.dropFirst().first ?? ""
    switch parts.first ?? "" {
    case "latencyCycles": return "latency, cycles"
    case "latencyMilliseconds": return "latency, ms"
    case "macs": return "MACs"
    case "energyMicrojoules": return "energy, µJ"
    case "peakMemoryBytes": return "peak of \(rest)"
    case "liveMemoryBytes": return "live at once in \(rest)"
    case "trafficBytes" where rest.hasSuffix(".read"): return "read from \(rest.dropLast(5))"
    case "trafficBytes" where rest.hasSuffix(".write"): return "written to \(rest.dropLast(6))"
    default: return name
    }
  }

  /// `28,804`.
  static func grouped(_ value: Double) -> String { Figures.grouped(integer(value)) }

  /// `+28,804`.
  static func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + grouped(value) }

  /// `+1.3 %`; empty where there was nothing before, or nothing to compare.
  static func relative(_ before: Double?, _ after: Double?) -> String {
    guard let before, let after, before != 0 else { return "" }
    let change = (after - before) / before
    let format = abs(change) < 0.0995 ? "%+.2f %%" : "%+.1f %%"
    return String(format: format, change * 100)
  }

  /// Within what every `Int` and `Double` holds: figures come from files.
  private static func integer(_ value: Double) -> Int {
    Int(min(max(value.rounded(), -0x1p53), 0x1p53))
  }
}

extension ProfileDiff.LayerChange {
  /// The sum over the layers before; nil if there were none.
  var cyclesBefore: Double? { Self.sum(before) }

  /// The sum over the layers after; nil if there are none.
  var cyclesAfter: Double? { Self.sum(after) }

  private static func sum(_ layers: [ProfileDiff.Layer]) -> Double? {
    layers.isEmpty ? nil : layers.reduce(0) { $0 + $1.latencyCycles }
  }

  /// `engine mac → host`, `bound compute → memory`, `sram read 1.2 KiB → 1.4 KiB`: what the cycles do not tell.
  var notes: [String] {
    var notes: [String] = []
    if let old = before.first, let new = after.first, before.count == 1, after.count == 1 {
      if old.engine != new.engine { notes.append("engine \(old.engine) → \(new.engine)") }
      if old.bound != new.bound { notes.append("bound \(old.bound) → \(new.bound)") }
    }
    guard !before.isEmpty, !after.isEmpty else { return notes }
    return notes
      // A memory that one target lacks, and the other does not use, is no news.
      + figures.filter { ($0.before ?? 0) != ($0.after ?? 0) }.map { figure in
        let name = figure.name.replacing("trafficBytes.", with: "").replacing(".", with: " ")
        let values = [figure.before, figure.after].map { DiffFigures.text(figure.name, $0) }
        return "\(name) \(values.joined(separator: " → "))"
      }
  }
}

extension ProfileDiff {
  /// Totals that changed.
  var changedTotals: [Figure] { totals.filter { $0.before != $0.after } }

  /// `ethos-u55-128`, or both targets where they differ.
  func targets(_ name: (String) -> String) -> String {
    let (old, new) = (targetBefore, targetAfter)
    if old.title != new.title { return "\(name(old.title)) → \(name(new.title))" }
    return old.sha256 == new.sha256 ? name(old.title) : "\(name(old.title)) (its file differs)"
  }
}

extension Profile.TargetReference {
  /// The name, with the variants where there are some.
  fileprivate var title: String {
    let bytes = activationMemoryBytes.map { "\($0) bytes" }
    let variants = [systemConfig, memoryMode, bytes].compactMap { $0 }
    return variants.isEmpty ? name : "\(name) (\(variants.joined(separator: ", ")))"
  }
}
