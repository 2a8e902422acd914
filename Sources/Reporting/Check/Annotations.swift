/// What a check found as commands of GitHub Actions, which become annotations of a commit.
public enum Annotations {
  /// A line for each breach, each network that could not be measured, and, as notices, each improvement.
  ///
  /// - Parameter file: the baseline's path, which is where a reviewer would accept a figure.
  public static func text(_ report: CheckReport, file: String) -> String {
    report.networks.flatMap { network -> [String] in
      let problems = network.diagnostics.map {
        line("error", network.model, network.key, $0.description)
      }
      let breaches = network.breaches.map { line("error", file, network.key, $0.text) }
      let improvements = network.improvements.map { line("notice", file, network.key, $0.text) }
      return problems + breaches + improvements
    }.map { "\($0)\n" }.joined()
  }

  private static func line(_ level: String, _ file: String, _ title: String, _ text: String)
    -> String
  {
    "::\(level) file=\(Escaping.annotationProperty(file)),"
      + "title=\(Escaping.annotationProperty(title))::\(Escaping.annotation(text))"
  }
}
