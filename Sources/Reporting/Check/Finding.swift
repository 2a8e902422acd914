/// One thing that a check found out about a network on a target.
public struct Finding: Codable, Hashable, Sendable {
  /// What it means for the check.
  public enum Outcome: String, Codable, Sendable {
    /// As good as accepted, or within the tolerance.
    case passed
    /// Worse than allowed: the check fails.
    case breach
    /// Better than accepted by more than the tolerance.
    case improvement
    /// Worth knowing, but neither better nor worse.
    case note
  }

  /// What was looked at.
  public enum Rule: String, Codable, Sendable, CaseIterable {
    /// A figure of the whole network against the accepted one.
    case total
    /// The cycles of a layer against the accepted ones.
    case layer
    /// A figure against a limit.
    case budget
    /// Whether there are accepted figures at all.
    case baseline
  }

  /// What it means for the check.
  public let outcome: Outcome
  /// What was looked at.
  public let rule: Rule
  /// The figure's name, or the layer's.
  public let subject: String
  /// One sentence, which says how much and compared with what; names stand between back quotes, and no others do.
  public let text: String

  init(_ outcome: Outcome, _ rule: Rule, _ subject: String, _ text: String) {
    self.outcome = outcome
    self.rule = rule
    self.subject = subject
    self.text = text
  }

  /// A name between back quotes, of which it may have none itself.
  static func quoted(_ name: String) -> String {
    "`\(Escaping.terminal(name).replacing("`", with: "'"))`"
  }
}
