import Foundation
import Support
import Yams

/// The text form of plans: YAML that a person can read and edit.
extension QuantizationPlan {
  /// What is said beside a rule.
  public typealias Remark = (Rule) -> String?

  /// The plan as text from which it can be read again.
  ///
  /// - Parameters:
  ///   - heading: lines of comment above all.
  ///   - remark: what is written behind a rule, such as what its layer costs.
  public func text(heading: [String] = [], remark: Remark = { _ in nil }) -> String {
    var lines = heading.map { $0.isEmpty ? "#" : "# \($0)" }
    lines.append("scheme: \(scheme.text)")
    guard !rules.isEmpty else { return lines.joined(separator: "\n") + "\n" }
    lines += ["# The last that matches a layer counts.", "layers:"]
    for rule in rules {
      let remark = remark(rule).map { "  # \($0)" } ?? ""
      lines.append("  - \(Self.quoted(rule.pattern)): \(Self.quoted(rule.scheme.text))\(remark)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads a plan.
  ///
  /// - Throws: a `Diagnostic` that says what is wrong and where.
  public init(parsing text: String) throws {
    let node: Node?
    do { node = try Yams.compose(yaml: text) } catch {
      throw Diagnostic(.badPlan("it is not YAML: \(error)"), help: Self.form)
    }
    guard let mapping = node?.mapping else {
      throw Diagnostic(.badPlan("it has no keys"), help: Self.form)
    }
    if let unknown = mapping.keys.compactMap(\.string).first(where: {
      !["scheme", "layers"].contains($0)
    }) {
      throw Diagnostic(.badPlan("there is no key `\(unknown)`"), help: Self.form)
    }
    guard let scheme = mapping["scheme"]?.string else {
      throw Diagnostic(.badPlan("`scheme` is missing"), help: Self.form)
    }
    self.init(try QuantizationScheme(scheme))
    guard let layers = mapping["layers"] else { return }
    guard let list = layers.sequence else {
      throw Diagnostic(.badPlan("`layers` is no list"), help: Self.form)
    }
    rules = try list.map { entry in
      guard let pair = entry.mapping?.first, entry.mapping?.count == 1,
        let pattern = pair.key.string, let scheme = pair.value.string
      else { throw Diagnostic(.badPlan("an entry of `layers` is no pair"), help: Self.form) }
      return Rule(pattern, try QuantizationScheme(scheme))
    }
  }

  private static let form =
    "a plan has `scheme: NAME`, and may have `layers:` with a list of `- PATTERN: SCHEME`"

  /// Names of tensors may hold any character.
  private static func quoted(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      default:
        scalar.properties.generalCategory == .control
          || scalar.properties.generalCategory == .format
          || scalar.properties.generalCategory == .unassigned
          || scalar.properties.generalCategory == .lineSeparator
          || scalar.properties.generalCategory == .paragraphSeparator
          ? String(format: "\\U%08X", scalar.value) : String(scalar)
      }
    }
    return "\"\(escaped.joined())\""
  }
}

extension Diagnostic.Message {
  fileprivate static func badPlan(_ cause: String) -> Self {
    Self(id: "bad-plan", .malformed, "the quantization plan cannot be read: \(cause)")
  }
}
