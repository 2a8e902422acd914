import Foundation
import Support

/// The accepted figures of networks, and their budgets: the file that a check compares with.
///
/// It has a line for each fact, in a fixed order, so that a review shows what changed.
public struct Baseline: Hashable, Sendable {
  /// What was accepted for one network on one target.
  public struct Accepted: Hashable, Sendable {
    /// Written by hand; an update leaves them alone.
    public var budgets: [Budget]
    /// As they were measured.
    public var facts: NetworkFacts

    init(budgets: [Budget], facts: NetworkFacts) {
      self.budgets = budgets
      self.facts = facts
    }
  }

  /// By `NAME on TARGET`.
  public var networks: [String: Accepted]

  /// One that has accepted nothing yet.
  public init() { networks = [:] }

  /// Reads a baseline file.
  ///
  /// - Throws: a `Diagnostic` with the line, if it is not what an update writes.
  public init(reading path: String) throws {
    let text = try FileBytes.text(of: path)
    networks = try locating(in: Diagnostic.Place(file: path)) {
      let file = try FieldReader(text, .baseline)
      // First, for another version may have other fields.
      let schema = try file.entries().first { $0.name == "schema" }
      if let schema, try schema.value.string() != Self.schema {
        throw schema.value.problem("is not `\(Self.schema)`", help: Self.help)
      }
      let fields = try file.fields(["schema", "networks"], required: ["schema", "networks"])
      let entries = try fields["networks"]?.entries() ?? []
      return Dictionary(try entries.map { ($0.name, try Accepted($0.value)) }) { first, _ in first }
    }
  }

  /// The name of the only network that there is on a target; nil if there are several or none.
  ///
  /// A model whose file was renamed is compared with it.
  public func onlyNetwork(on target: String) -> String? {
    let names = networks.keys.filter { $0.hasSuffix(" on \(target)") }
    return names.count == 1 ? names.first.map { String($0.dropLast(" on \(target)".count)) } : nil
  }

  private static let schema = "dovetail.baseline/1"
  private static let help = "`dovetail check --update` writes baselines"
}

extension Baseline.Accepted {
  fileprivate init(_ reader: FieldReader) throws {
    let names = ["budgets", "layers", "model", "target", "totals"]
    let fields = try reader.fields(names, required: ["layers", "model", "target", "totals"])
    budgets = try fields["budgets"]?.items().map { try Budget($0) } ?? []
    let totals = try fields["totals"]?.entries().map { ($0.name, try $0.value.number()) } ?? []
    facts = NetworkFacts(
      modelSHA256: try fields["model"]?.string() ?? "",
      targetSHA256: try fields["target"]?.string() ?? "",
      totals: Dictionary(totals) { first, _ in first },
      layers: try fields["layers"]?.items().map { try NetworkFacts.Layer($0) } ?? [])
  }
}

extension NetworkFacts.Layer {
  fileprivate init(_ reader: FieldReader) throws {
    let names = ["cycles", "macs", "name", "operator", "sources"]
    let fields = try reader.fields(names, required: ["cycles", "macs", "operator"])
    let features = LayerFeatures(
      name: try fields["name"]?.text() ?? "", operator: try fields["operator"]?.string() ?? "",
      sources: try fields["sources"]?.items().map { try $0.string() } ?? [],
      macs: try fields["macs"]?.number() ?? 0)
    self.init(features, cycles: try fields["cycles"]?.number() ?? 0)
  }
}

// MARK: - Writing

extension Baseline {
  /// The file's text: the same for equal baselines.
  public var text: String {
    let entries = networks.sorted { $0.key < $1.key }.map { key, accepted in
      "    \(Self.quoted(key)): {\n\(accepted.lines)\n    }"
    }
    let networks = entries.isEmpty ? "{}" : "{\n\(entries.joined(separator: ",\n"))\n  }"
    return """
      {
        "schema": \(Self.quoted(Self.schema)),
        "networks": \(networks)
      }

      """
  }

  fileprivate static func quoted(_ text: String) -> String {
    String(decoding: Escaping.json(text), as: UTF8.self)
  }

  /// Integers without a fraction, others with as many digits as they need.
  fileprivate static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 0x1p53 ? String(Int(value)) : String(value)
  }
}

extension Baseline.Accepted {
  fileprivate var lines: String {
    let totals = facts.totals.sorted { $0.key < $1.key }.map { name, value in
      "        \(Baseline.quoted(name)): \(Baseline.number(value))"
    }
    let parts = [
      "\"model\": \(Baseline.quoted(facts.modelSHA256))",
      "\"target\": \(Baseline.quoted(facts.targetSHA256))",
      budgets.isEmpty ? nil : "\"budgets\": \(list(budgets.map(\.line)))",
      totals.isEmpty
        ? "\"totals\": {}" : "\"totals\": {\n\(totals.joined(separator: ",\n"))\n      }",
      "\"layers\": \(list(facts.layers.map(\.line)))",
    ]
    return parts.compactMap { $0 }.map { "      \($0)" }.joined(separator: ",\n")
  }

  private func list(_ items: [String]) -> String {
    guard !items.isEmpty else { return "[]" }
    return "[\n\(items.map { "        \($0)" }.joined(separator: ",\n"))\n      ]"
  }
}

extension Budget {
  fileprivate var line: String {
    let texts = [("metric", metric), ("layers", layers)].compactMap { name, text in
      text.map { "\"\(name)\": \(Baseline.quoted($0))" }
    }
    let limits = [
      ("maximum", maximum), ("minimum", minimum), ("maximumIncrease", maximumIncrease),
    ].compactMap { name, limit in limit.map { "\"\(name)\": \(Baseline.number($0))" } }
    return "{\((texts + limits).joined(separator: ", "))}"
  }
}

extension NetworkFacts.Layer {
  fileprivate var line: String {
    let sources = features.sources.map(Baseline.quoted).joined(separator: ", ")
    return "{\"name\": \(Baseline.quoted(features.name)), "
      + "\"operator\": \(Baseline.quoted(features.operator)), \"sources\": [\(sources)], "
      + "\"macs\": \(Baseline.number(features.macs)), \"cycles\": \(Baseline.number(cycles))}"
  }
}
