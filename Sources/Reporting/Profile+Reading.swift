import Foundation
import Support

extension Profile {
  /// Whether a path names a profile rather than a model, as far as its ending tells. A `config.json` is a model's.
  public static func isProfile(_ path: String) -> Bool {
    let name = path.split(separator: "/").last?.lowercased() ?? ""
    return name.hasSuffix(".json") && name != "config.json"
  }

  /// Reads what `dovetail profile --json` wrote.
  ///
  /// - Throws: a `Diagnostic` if the file cannot be read, or is no profile.
  public init(reading path: String) throws {
    let file = try FileBytes(mapping: path)
    let data = withExtendedLifetime(file) { Data(file.bytes) }
    self = try locating(in: Diagnostic.Place(file: path)) {
      // First, for another version may have other fields.
      let schema = try Self.decoded(Heading.self, data).schema
      guard schema == Self.schema else {
        let problem = "`schema` is `\(Escaping.shortened(schema, to: 60))`"
        throw Diagnostic(.badProfile(problem), help: Self.help)
      }
      return try Self.decoded(Profile.self, data)
    }
  }

  /// What all versions have.
  private struct Heading: Decodable { let schema: String }

  private static func decoded<Value: Decodable>(_: Value.Type, _ data: Data) throws -> Value {
    do {
      return try JSONDecoder().decode(Value.self, from: data)
    } catch let error as DecodingError {
      throw Diagnostic(.badProfile(error.sentence), help: help)
    }
  }

  private static let schema = "dovetail.profile/1"
  private static let help = "a profile is what `dovetail profile --json` writes, of `\(schema)`"
}

extension DecodingError {
  /// What is wrong with a JSON text, with the path of the field.
  var sentence: String {
    switch self {
    case .keyNotFound(let key, let context): "`\(Self.path(context, key))` is missing"
    case .valueNotFound(_, let context) where context.codingPath.isEmpty,
      .typeMismatch(_, let context) where context.codingPath.isEmpty:
      "it is no object of JSON"
    case .valueNotFound(_, let context): "`\(Self.path(context))` has no value"
    case .typeMismatch(_, let context): "`\(Self.path(context))` is not of the right kind"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: "it is not JSON"
    case .dataCorrupted(let context): "`\(Self.path(context))` has a value that is not allowed"
    @unknown default: "a field cannot be read"
    }
  }

  private static func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
    (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
  }
}

extension Diagnostic.Message {
  fileprivate static func badProfile(_ problem: String) -> Self {
    Self(id: "bad-profile", .malformed, "is not a profile: \(problem)")
  }
}
