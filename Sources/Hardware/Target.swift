import Foundation
import Support
import Yams

/// A target: its description, and the digest of the file that it was read from.
public struct Target: Sendable {
  /// What the file says, checked by `lint`.
  public let description: TargetDescription
  /// The SHA-256 of `target.yaml`, as 64 hexadecimal digits.
  public let sha256: String

  /// The `name` that the file gives, which reports use.
  public var name: String { description.name }

  /// A description that was read before, such as one from a program file.
  ///
  /// - Throws: `Diagnostics` with all that `lint` finds wrong with it.
  package init(_ description: TargetDescription, sha256: String) throws {
    try Diagnostics(description.lint()).throwIfErrors()
    self.description = description
    self.sha256 = sha256
  }

  /// Reads a target by its name in `Targets/`, or from the file or folder at a path.
  ///
  /// - Parameter nameOrPath: a path if it has a slash or ends in `.yaml`, else a name.
  /// - Throws: `Diagnostics` with all that is wrong with the file.
  public init(_ nameOrPath: String) throws {
    let path = try TargetLibrary.path(of: nameOrPath)
    let file = try FileBytes(mapping: path)
    let text = try FileBytes.text(of: path)
    description = try locating(in: Diagnostic.Place(file: path)) { try Self.parse(text) }
    sha256 = withExtendedLifetime(file) { SHA256.hexDigest(of: file.bytes) }
  }

  static func parse(_ text: String) throws -> TargetDescription {
    let node = try parsedYAML(text)
    let description: TargetDescription
    do {
      description = try YAMLDecoder().decode(TargetDescription.self, from: node)
    } catch let error as DecodingError {
      throw Diagnostic(.badTarget(error.sentence))
    }
    try Diagnostics(unknownFields(node, description) + description.lint()).throwIfErrors()
    return description
  }

  private static func parsedYAML(_ text: String) throws -> Node {
    do {
      guard let node = try compose(yaml: text) else { throw Diagnostic(.emptyTarget) }
      return node
    } catch let error as YamlError {
      throw Diagnostic(.notYAML(error.sentence))
    }
  }

  /// Fields of the file that the description does not have: most likely misspelt.
  private static func unknownFields(_ node: Node, _ description: TargetDescription)
    throws -> [Diagnostic]
  {
    // What the description writes is what it would read; the rest of the file has no effect.
    let known = try compose(yaml: YAMLEncoder().encode(description)) ?? Node("")
    return unknownFields(node, known, path: "")
  }

  private static func unknownFields(_ node: Node, _ known: Node, path: String) -> [Diagnostic] {
    if let items = node.sequence, let knownItems = known.sequence {
      return zip(items, knownItems).enumerated().flatMap { index, pair in
        unknownFields(pair.0, pair.1, path: "\(path)[\(index)]")
      }
    }
    guard let fields = node.mapping, let knownFields = known.mapping else { return [] }
    return fields.flatMap { key, value -> [Diagnostic] in
      let name = path.isEmpty ? key.string ?? "" : "\(path).\(key.string ?? "")"
      guard let knownValue = knownFields[key] else {
        return [Diagnostic(.unknownField(name), at: "line \(key.mark?.line ?? 0)")]
      }
      return unknownFields(value, knownValue, path: name)
    }
  }
}

/// Where targets are found.
public enum TargetLibrary {
  /// The folders that are searched for `NAME/target.yaml`: `$DOVETAIL_TARGETS`, then `Targets` in the folders
  /// above the executable, then `Targets` in the current folder.
  static var folders: [String] {
    let given = ProcessInfo.processInfo.environment["DOVETAIL_TARGETS"].map { [$0] } ?? []
    let executable =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    var above: [String] = []
    var folder = URL(fileURLWithPath: executable).deletingLastPathComponent()
    while folder.path != "/" {
      above.append(folder.appendingPathComponent("Targets").path)
      folder.deleteLastPathComponent()
    }
    return given + above + ["Targets"]
  }

  /// The names of all targets, sorted.
  /// Only the first folder that exists counts.
  public static func names() -> [String] {
    guard let folder = folders.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      return []
    }
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return entries.filter { FileManager.default.fileExists(atPath: "\(folder)/\($0)/target.yaml") }
      .sorted()
  }

  /// The file that describes a target given by name or path.
  static func path(of nameOrPath: String) throws -> String {
    if nameOrPath.contains("/") || nameOrPath.hasSuffix(".yaml") {
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: nameOrPath, isDirectory: &isFolder)
      return exists && isFolder.boolValue ? nameOrPath + "/target.yaml" : nameOrPath
    }
    let candidates = folders.map { "\($0)/\(nameOrPath)/target.yaml" }
    guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      let known = names()
      throw Diagnostic(
        .unknownTarget(nameOrPath),
        help: known.isEmpty
          ? "set `DOVETAIL_TARGETS` to the folder with the targets"
          : "the targets are \(known.joined(separator: ", "))")
    }
    return path
  }
}

extension DecodingError {
  /// What is wrong, with the path of the field.
  fileprivate var sentence: String {
    switch self {
    case .keyNotFound(let key, let context): "`\(Self.path(context, key))` is missing"
    case .valueNotFound(_, let context): "`\(Self.path(context))` has no value"
    case .typeMismatch(_, let context): "`\(Self.path(context))` is not of the right kind"
    case .dataCorrupted(let context): "`\(Self.path(context))` has a value that is not allowed"
    @unknown default: "a field cannot be read"
    }
  }

  private static func path(_ context: Context, _ last: (any CodingKey)? = nil) -> String {
    (context.codingPath + (last.map { [$0] } ?? [])).map(\.stringValue).joined(separator: ".")
  }
}

extension YamlError {
  fileprivate var sentence: String {
    switch self {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      "line \(mark.line): \(problem)"
    default: "it cannot be parsed"
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func unknownTarget(_ name: String) -> Self {
    Self(id: "unknown-target", .usage, "there is no target `\(name)`")
  }

  fileprivate static func badTarget(_ problem: String) -> Self {
    Self(id: "bad-target", .malformed, problem)
  }

  fileprivate static var emptyTarget: Self {
    Self(id: "bad-target", .malformed, "the file is empty")
  }

  fileprivate static func notYAML(_ problem: String) -> Self {
    Self(id: "not-yaml", .malformed, problem)
  }

  fileprivate static func unknownField(_ name: String) -> Self {
    Self(id: "unknown-target-field", .malformed, "there is no field `\(name)`")
  }
}
