import Support
import Yams

/// A place in a YAML or JSON file that people write: reads what must be there, and refuses what nobody asked for.
struct FieldReader {
  /// What the file is, which decides its diagnostics.
  enum Kind { case suite, baseline }

  private let node: Node
  private let kind: Kind
  /// Such as `networks.fashion`; empty for the whole file.
  private let path: String

  private init(_ node: Node, _ kind: Kind, path: String) {
    self.node = node
    self.kind = kind
    self.path = path
  }

  /// The whole file; JSON is YAML too.
  ///
  /// - Throws: a `Diagnostic` if the text is not YAML, or empty.
  init(_ text: String, _ kind: Kind) throws {
    do {
      guard let node = try compose(yaml: text) else {
        throw Self.problem(kind, "the file is empty")
      }
      self.init(node, kind, path: "")
    } catch let error as YamlError {
      throw Self.problem(kind, error.sentence.text, line: error.sentence.line)
    }
  }

  /// The fields of a mapping.
  ///
  /// - Throws: a `Diagnostic` if there are others than `known`, or one of `required` is missing.
  func fields(_ known: [String], required: [String] = []) throws -> [String: FieldReader] {
    let fields = try entries()
    if let other = fields.first(where: { !known.contains($0.name) }) {
      throw problem(
        "there is no field `\(Escaping.shortened(Escaping.terminal(other.name), to: 60))`",
        at: other.value.node, help: "the fields are \(known.joined(separator: ", "))")
    }
    let found = Dictionary(fields.map { ($0.name, $0.value) }) { first, _ in first }
    if let missing = required.first(where: { found[$0] == nil }) {
      throw problem("`\(missing)` is missing")
    }
    return found
  }

  /// The entries of a mapping whose keys are names, in the order of the file.
  func entries() throws -> [(name: String, value: FieldReader)] {
    guard let mapping = node.mapping else { throw problem("is not a mapping of fields to values") }
    return try mapping.map { key, value in
      guard let name = key.string, name.utf8.count <= 1000 else {
        throw problem("has a field whose name is no short text")
      }
      let shown = Escaping.shortened(Escaping.terminal(name), to: 60)
      return (name, FieldReader(value, kind, path: path.isEmpty ? shown : "\(path).\(shown)"))
    }
  }

  /// The items of a list.
  func items() throws -> [FieldReader] {
    guard let items = node.sequence else { throw problem("is not a list") }
    return items.enumerated().map { FieldReader($1, kind, path: "\(path)[\($0)]") }
  }

  /// A text that is not empty.
  func string() throws -> String {
    guard let text = node.scalar?.string, !text.isEmpty else { throw problem("is not a text") }
    return text
  }

  /// A text, which may be empty.
  func text() throws -> String {
    guard let text = node.scalar?.string else { throw problem("is not a text") }
    return text
  }

  /// A number that is finite and not negative; or a share such as `2 %`.
  func number() throws -> Double {
    var text = try string().filter { $0 != " " && $0 != "_" }
    let isShare = text.hasSuffix("%")
    if isShare { text.removeLast() }
    guard let number = Double(text), number >= 0, number.isFinite else {
      throw problem("is not a number from 0 on")
    }
    return isShare ? number / 100 : number
  }

  /// A diagnostic about this place.
  ///
  /// - Parameter spot: where its line is, if not at the beginning.
  func problem(_ problem: String, at spot: Node? = nil, help: String? = nil) -> Diagnostic {
    let text =
      path.isEmpty
      ? problem
      : problem.hasPrefix("is ") || problem.hasPrefix("has ")
        ? "`\(path)` \(problem)" : "\(problem) in `\(path)`"
    return Self.problem(kind, text, line: (spot ?? node).mark?.line, help: help)
  }

  private static func problem(
    _ kind: Kind, _ text: String, line: Int? = nil, help: String? = nil
  ) -> Diagnostic {
    let message: Diagnostic.Message =
      switch kind {
      case .suite: .badSuite(text)
      case .baseline: .badBaseline(text)
      }
    return Diagnostic(message, at: line.map { "line \($0)" }, help: help)
  }
}

extension YamlError {
  fileprivate var sentence: (text: String, line: Int?) {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (problem, mark.line)
    case .duplicatedKeysInMapping(let keys, let context):
      ("\(keys.map { "`\($0)`" }.joined(separator: ", ")) is given twice", context.mark.line)
    default: ("it cannot be parsed", nil)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badSuite(_ problem: String) -> Self {
    Self(id: "bad-suite", .malformed, problem)
  }

  fileprivate static func badBaseline(_ problem: String) -> Self {
    Self(id: "bad-baseline", .malformed, problem)
  }
}
