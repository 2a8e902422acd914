/// What a check found, for the terminal.
public enum CheckText {
  /// Reasons first, and last whether the check holds.
  public static func text(_ report: CheckReport) -> String {
    let networks = report.networks.flatMap(lines)
    let leftOver = report.leftOver.map {
      "\(Escaping.terminal($0)): \(report.isUpdate ? "removed from the baseline" : "in the baseline, but not in the suite")"
    }
    return (networks + leftOver + [summary(report)] + hints(report)).joined(separator: "\n") + "\n"
  }

  private static func lines(_ network: CheckReport.Network) -> [String] {
    let name = Escaping.terminal(network.key)
    let shown = network.breaches + network.improvements + network.notes
    let words: [Finding.Outcome: String] = [
      .breach: "worse   ", .improvement: "better  ", .note: "note    ",
    ]
    let findings = shown.map { "  \(words[$0.outcome] ?? "")\(Escaping.terminal($0.text))" }
    if !network.diagnostics.isEmpty { return ["\(name): not measured"] }
    return ["\(name): \(network.breaches.isEmpty ? "ok" : "worse than allowed")"] + findings
  }

  /// One line: how many networks hold.
  static func summary(_ report: CheckReport) -> String {
    let sound = report.networks.count { $0.breaches.isEmpty && $0.diagnostics.isEmpty }
    let all = report.networks.count
    let verdict = sound == all ? "passed" : "failed"
    return "check \(verdict): \(sound) of \(all) networks are as good as accepted"
  }

  private static func hints(_ report: CheckReport) -> [String] {
    guard !report.isUpdate else { return ["the baseline holds these figures now"] }
    // Budgets stand in the suite, and hold whatever was accepted.
    let isOverBudget = report.networks.contains { $0.breaches.contains { $0.rule == .budget } }
    let isChanged = report.networks.contains { network in
      !network.improvements.isEmpty || network.breaches.contains { $0.rule != .budget }
    }
    return (isOverBudget ? ["budgets change in the suite alone"] : [])
      + (isChanged || !report.leftOver.isEmpty
        ? ["accept the new figures with --update, and commit the baseline"] : [])
  }
}
