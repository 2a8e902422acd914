/// What a check found as SARIF 2.1.0, the exchange format of static analyses (OASIS).
public enum SARIF {
  /// A result for each breach, improvement and network that could not be measured.
  ///
  /// - Throws: an `EncodingError`, which texts and counts do not cause.
  public static func text(_ report: CheckReport) throws -> String {
    let results = report.networks.flatMap(results)
    let driver = Driver(name: "dovetail", rules: rules)
    return try JSONText.encode(Log(runs: [Run(tool: Tool(driver: driver), results: results)]))
  }

  private static let rules = [
    Rule(id: "total", text: "A figure of a network against the accepted one"),
    Rule(id: "layer", text: "The latency of a layer against the accepted one"),
    Rule(id: "budget", text: "A figure against its budget"),
    Rule(id: "baseline", text: "A network without accepted figures"),
    Rule(id: "not-measured", text: "A network that could not be measured"),
  ]

  private static func results(_ network: CheckReport.Network) -> [Result] {
    let problems = network.diagnostics.map {
      result("not-measured", "error", $0.message.text, network, network.key)
    }
    let breaches = network.breaches.map {
      result($0.rule.rawValue, "error", $0.text, network, $0.subject)
    }
    let improvements = network.improvements.map {
      result($0.rule.rawValue, "note", $0.text, network, $0.subject)
    }
    return problems + breaches + improvements
  }

  private static func result(
    _ rule: String, _ level: String, _ text: String, _ network: CheckReport.Network,
    _ subject: String
  ) -> Result {
    let location = Location(
      physicalLocation: .init(artifactLocation: .init(uri: Escaping.uri(network.model))),
      logicalLocations: [
        .init(
          name: Escaping.terminal(subject),
          fullyQualifiedName: Escaping.terminal("\(network.key): \(subject)"))
      ])
    return Result(
      ruleId: rule, ruleIndex: rules.firstIndex { $0.id == rule } ?? 0, level: level,
      message: Message(text: Escaping.terminal("\(network.key): \(text)")), locations: [location])
  }
}

/// The parts of the format that are written, with the names that it gives them.
extension SARIF {
  private struct Log: Encodable {
    let schema = "https://json.schemastore.org/sarif-2.1.0.json"
    let version = "2.1.0"
    let runs: [Run]

    enum CodingKeys: String, CodingKey {
      case schema = "$schema"
      case version, runs
    }
  }

  private struct Run: Encodable {
    let tool: Tool
    let results: [Result]
    let columnKind = "utf16CodeUnits"

    enum CodingKeys: String, CodingKey { case tool, results, columnKind }
  }

  private struct Tool: Encodable { let driver: Driver }

  private struct Driver: Encodable {
    let name: String
    let rules: [Rule]
  }

  private struct Rule: Encodable {
    let id: String
    let shortDescription: Message

    init(id: String, text: String) {
      self.id = id
      shortDescription = Message(text: text)
    }
  }

  private struct Message: Encodable { let text: String }

  private struct Result: Encodable {
    let ruleId: String
    let ruleIndex: Int
    let level: String
    let message: Message
    let locations: [Location]
  }

  private struct Location: Encodable {
    let physicalLocation: Physical
    let logicalLocations: [Logical]

    struct Physical: Encodable { let artifactLocation: Artifact }
    struct Artifact: Encodable { let uri: String }
    struct Logical: Encodable {
      let name: String
      let fullyQualifiedName: String
    }
  }
}
