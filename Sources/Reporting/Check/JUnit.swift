/// What a check found as JUnit's XML, which continuous integration shows as tests: a suite for each network, and in it a
/// case for each figure, budget and layer.
public enum JUnit {
  /// The whole file.
  public static func text(_ report: CheckReport) -> String {
    let suites = report.networks.map(suite)
    let counts = report.networks.map { (cases: cases($0).count, failures: $0.breaches.count) }
    let errors = report.networks.count { !$0.diagnostics.isEmpty }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <testsuites name="dovetail check" tests="\(counts.reduce(0) { $0 + $1.cases })" \
      failures="\(counts.reduce(0) { $0 + $1.failures })" errors="\(errors)">
      \(suites.joined(separator: "\n"))
      </testsuites>

      """
  }

  private static func suite(_ network: CheckReport.Network) -> String {
    let cases = cases(network)
    let head =
      "  <testsuite name=\"\(Escaping.markup(network.key))\" tests=\"\(cases.count)\" "
      + "failures=\"\(network.breaches.count)\" errors=\"\(network.diagnostics.isEmpty ? 0 : 1)\" skipped=\"0\">"
    return ([head] + cases + ["  </testsuite>"]).joined(separator: "\n")
  }

  private static func cases(_ network: CheckReport.Network) -> [String] {
    let group = Escaping.markup(network.key)
    if !network.diagnostics.isEmpty {
      let text = network.diagnostics.map { Escaping.markup($0.message.text) }.joined(
        separator: "\n")
      return [
        "    <testcase classname=\"\(group)\" name=\"measurement\">\n"
          + "      <error message=\"\(text)\" type=\"diagnostic\"/>\n    </testcase>"
      ]
    }
    return network.findings.map { finding in
      let name = Escaping.markup("\(finding.rule.rawValue) \(finding.subject)")
      let open = "    <testcase classname=\"\(group)\" name=\"\(name)\""
      guard finding.outcome == .breach else { return "\(open)/>" }
      let text = Escaping.markup(finding.text)
      return
        "\(open)>\n      <failure message=\"\(text)\" type=\"\(finding.rule.rawValue)\">\(text)</failure>\n"
        + "    </testcase>"
    }
  }
}
