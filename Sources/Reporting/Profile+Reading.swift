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
      do {
        return try JSONDecoder().decode(Profile.self, from: data)
      } catch let error as DecodingError {
        throw Diagnostic(.badProfile(error.sentence), help: Self.help)
      }
    }
    guard schema == Self.schema else {
      let problem = "`schema` is `\(Escaping.shortened(schema, to: 60))`"
      throw Diagnostic(.error, .badProfile(problem), at: .init(file: path), help: Self.help)
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
