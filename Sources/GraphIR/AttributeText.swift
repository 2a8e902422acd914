import Foundation
import Support

/// An operator's attributes as text, `{padding: "same", stride: [2, 2]}`, through its `Codable` conformance.
///
/// Attributes at their default are left out. Names stand bare, values are JSON.
enum AttributeText {
  /// The attributes of `op` that differ from the default, or nil if none does.
  static func encode<Op: Operator>(_ op: Op) -> String? {
    let defaults = Dictionary(uniqueKeysWithValues: fields(of: Op()))
    let changed = fields(of: op).filter { defaults[$0.0] != $0.1 }
    guard !changed.isEmpty else { return nil }
    return "{\(changed.map { "\($0.0): \(spaced($0.1))" }.joined(separator: ", "))}"
  }

  /// The operator of `kind` with the attributes in `text`, which includes the braces; nil means all defaults.
  static func decode<Op: Operator>(_ text: String?, as kind: Op.Type) throws -> Op {
    guard let text else { return Op() }
    // Defaults fill in what the text leaves out: a synthesized decoder wants every field.
    var merged = Dictionary(uniqueKeysWithValues: fields(of: Op()))
    var given: Set<String> = []
    for field in topLevelParts(of: text.dropFirst().dropLast()) {
      guard let colon = field.firstIndex(of: ":") else {
        throw Diagnostic(.badAttributes(Op.name, "`\(field)` is not `name: value`"))
      }
      let name = trimmed(field[..<colon])
      guard merged[name] != nil else {
        throw Diagnostic(
          .unknownAttribute(name, Op.name),
          help: "its attributes are \(merged.keys.sorted().joined(separator: ", "))")
      }
      guard given.insert(name).inserted else {
        throw Diagnostic(.badAttributes(Op.name, "`\(name)` is given twice"))
      }
      merged[name] = String(field[field.index(after: colon)...])
    }
    let json = "{\(merged.map { "\"\($0)\":\($1)" }.joined(separator: ","))}"
    do {
      return try decoder.decode(Op.self, from: Data(json.utf8))
    } catch let problem as Diagnostic {
      throw problem
    } catch {
      throw Diagnostic(.badAttributes(Op.name, "a value is not of the attribute's type"))
    }
  }

  /// All attributes of `op` with their values as in the text, also those at their defaults.
  static func all(of op: some Operator) -> [(name: String, value: String)] {
    fields(of: op).map { ($0.0, spaced($0.1)) }
  }

  /// JSON has no infinite numbers; they stand as strings.
  private static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }

  /// The attributes with their values as JSON, sorted by name.
  private static func fields(of op: some Operator) -> [(String, String)] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    guard let data = try? encoder.encode(op) else {
      preconditionFailure("an operator's attributes can be encoded")
    }
    return topLevelParts(of: String(decoding: data, as: UTF8.self).dropFirst().dropLast()).map {
      part in
      let colon = part.firstIndex(of: ":")!  // JSONEncoder puts one behind each key
      return (part[..<colon].filter { $0 != "\"" }, String(part[part.index(after: colon)...]))
    }
  }

  /// The parts between commas that stand in no bracket and no string.
  private static func topLevelParts(of text: Substring) -> [Substring] {
    var parts: [Substring] = []
    var nesting = BracketNesting()
    var start = text.startIndex
    for index in text.utf8.indices {
      nesting.take(text.utf8[index])
      if text.utf8[index] == UInt8(ascii: ","), nesting.depth == 0, !nesting.isInString {
        parts.append(text[start..<index])
        start = text.index(after: index)
      }
    }
    parts.append(text[start...])
    return parts.filter { !trimmed($0).isEmpty }
  }

  private static func trimmed(_ text: Substring) -> String {
    text.trimmingCharacters(in: .whitespaces)
  }

  /// With a space behind each comma, as in the rest of the text form.
  private static func spaced(_ json: String) -> String {
    var nesting = BracketNesting()
    var text: [UInt8] = []
    for byte in json.utf8 {
      nesting.take(byte)
      text.append(byte)
      if byte == UInt8(ascii: ","), !nesting.isInString { text.append(UInt8(ascii: " ")) }
    }
    return String(decoding: text, as: UTF8.self)
  }
}

extension Node {
  /// The operator's attributes with their values as JSON, in order of name; those at their defaults too.
  public var attributes: [(name: String, value: String)] { AttributeText.all(of: op) }
}

/// How deep in brackets one is, after the bytes of a JSON text that were taken so far.
struct BracketNesting {
  private(set) var depth = 0
  private(set) var isInString = false
  private var isEscaped = false

  mutating func take(_ byte: UInt8) {
    defer { isEscaped = isInString && byte == UInt8(ascii: "\\") && !isEscaped }
    switch byte {
    case UInt8(ascii: "\"") where !isEscaped: isInString.toggle()
    case UInt8(ascii: "["), UInt8(ascii: "{"): depth += isInString ? 0 : 1
    case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= isInString ? 0 : 1
    default: break
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badAttributes(_ kind: String, _ problem: String) -> Self {
    Self(id: "bad-attributes", .malformed, "attributes of `\(kind)`: \(problem)")
  }

  fileprivate static func unknownAttribute(_ name: String, _ kind: String) -> Self {
    Self(id: "unknown-attribute", .malformed, "`\(kind)` has no attribute `\(name)`")
  }
}
