/// What a check found, for pull requests and job summaries.
public enum CheckMarkdown {
  /// A table of networks, and below it the reasons.
  public static func text(_ report: CheckReport) -> String {
    let rows = report.networks.map { network in
      let cells = [
        Escaping.markdownCode(network.key), verdict(network), String(network.breaches.count),
        String(network.improvements.count),
      ]
      return "| \(cells.joined(separator: " | ")) |"
    }
    let table =
      ["| network | check | worse | better |", "|---|---|--:|--:|"] + rows
    let parts =
      [["### \(CheckText.summary(report))", ""], table]
      + report.networks.map(details) + [leftOver(report)]
    return parts.flatMap { $0 }.joined(separator: "\n") + "\n"
  }

  private static func verdict(_ network: CheckReport.Network) -> String {
    if !network.diagnostics.isEmpty { return "not measured" }
    return network.breaches.isEmpty ? "ok" : "**failed**"
  }

  private static func details(_ network: CheckReport.Network) -> [String] {
    let problems = network.diagnostics.map { "- \(Escaping.markdownText($0.message.text))" }
    let breaches = network.breaches.map { "- **worse**: \(marked($0.text))" }
    let others = (network.improvements.map { ("better", $0) } + network.notes.map { ("note", $0) })
      .map { "- \($0.0): \(marked($0.1.text))" }
    guard !(problems + breaches + others).isEmpty else { return [] }
    let list = problems + breaches
    let folded =
      ["", "<details><summary>\(others.count) more</summary>", ""] + others + ["", "</details>"]
    return ["", "#### \(Escaping.markdownCode(network.key))"] + (list.isEmpty ? [] : [""] + list)
      + (others.isEmpty ? [] : folded)
  }

  /// The sentence of a finding, with its names as code: every second part between back quotes is one.
  private static func marked(_ text: String) -> String {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().map { number, part in
      number % 2 == 1 ? Escaping.markdownCode(String(part)) : String(part)
    }.joined()
  }

  private static func leftOver(_ report: CheckReport) -> [String] {
    guard !report.leftOver.isEmpty, !report.isUpdate else { return [] }
    let names = report.leftOver.map { Escaping.markdownCode($0) }.joined(separator: ", ")
    return ["", "In the baseline, but not in the suite: \(names)"]
  }
}
