import Support

/// What a check found: the source of its text, Markdown, JUnit, SARIF and annotations.
public struct CheckReport: Sendable {
  /// One network on one target.
  public struct Network: Sendable {
    /// `NAME on TARGET`.
    public let key: String
    /// The path of the model's file, as the suite leads to it, without steps up and down again.
    public let model: String
    /// Totals, layers and budgets; empty if nothing could be measured.
    public let findings: [Finding]
    /// Why nothing could be measured.
    public let diagnostics: [Diagnostic]

    /// What makes the check fail.
    public var breaches: [Finding] { findings.filter { $0.outcome == .breach } }
    /// What is better than it was.
    public var improvements: [Finding] { findings.filter { $0.outcome == .improvement } }
    /// What is neither.
    public var notes: [Finding] { findings.filter { $0.outcome == .note } }
  }

  /// In the order of the suite.
  public let networks: [Network]
  /// Keys of the baseline that the suite does not have, sorted.
  public let leftOver: [String]
  /// Whether accepted figures were replaced by those measured.
  public let isUpdate: Bool

  /// - Parameters:
  ///   - isUpdate: takes the facts as accepted, so only budgets can be breached.
  ///   - isWhole: whether `measured` is all that the baseline should hold.
  public init(
    _ measured: [CheckRun.Measured], _ baseline: Baseline, _ tolerance: Tolerance,
    isUpdate: Bool, isWhole: Bool
  ) {
    networks = measured.map { item in
      let accepted = baseline.networks[item.entry.key]
      let findings = item.facts.map { facts in
        FactsComparison(
          facts: facts, accepted: isUpdate ? facts : accepted?.facts,
          budgets: item.entry.budgets + (accepted?.budgets ?? []), tolerance: tolerance,
          measuresAccuracy: item.entry.samples != nil
        ).findings
      }
      return Network(
        key: item.entry.key, model: Self.shortest(item.entry.model), findings: findings ?? [],
        diagnostics: item.diagnostics)
    }
    let keys = Set(measured.map(\.entry.key))
    leftOver = isWhole ? baseline.networks.keys.filter { !keys.contains($0) }.sorted() : []
    self.isUpdate = isUpdate
  }

  /// `Examples/net.tflite` for `Reports/../Examples/net.tflite`.
  private static func shortest(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      if part == "..", let last = parts.last, !["..", "", "."].contains(last) {
        parts.removeLast()
      } else if part != "." {
        parts.append(part)
      }
    }
    return parts.joined(separator: "/")
  }

  /// Whether a figure is worse than allowed.
  public var hasBreaches: Bool { networks.contains { !$0.breaches.isEmpty } }

  /// Why networks could not be measured, each with its file.
  public var diagnostics: [Diagnostic] {
    networks.flatMap { network in
      network.diagnostics.map { $0.located(in: Diagnostic.Place(file: network.model)) }
    }
  }
}

extension Baseline {
  /// The baseline with what was measured in place of what was accepted before.
  ///
  /// - Parameter isWhole: drops networks that were not measured; those that could not be measured stay.
  public func updated(_ measured: [CheckRun.Measured], isWhole: Bool) -> Baseline {
    var baseline = self
    let keys = Set(measured.map(\.entry.key))
    if isWhole { baseline.networks = networks.filter { keys.contains($0.key) } }
    for item in measured {
      guard let facts = item.facts else { continue }
      let budgets = networks[item.entry.key]?.budgets ?? []
      baseline.networks[item.entry.key] = Accepted(budgets: budgets, facts: facts)
    }
    return baseline
  }
}
