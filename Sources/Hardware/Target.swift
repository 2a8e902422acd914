import Support
import Yams

/// A target: its description, and the digest of the file that it was read from.
public struct Target: Sendable {
  /// What the file says, checked by `lint`.
  public let description: TargetDescription
  /// The variants of the file of which the description is made.
  public let choice: TargetChoice
  /// The SHA-256 of `target.yaml`, as 64 hexadecimal digits.
  public let sha256: String
  /// What the file says, for those who ask for other variants; nil for a description that is of no file.
  private let text: String?

  /// The `name` that the file gives, or that of the configuration; reports use it.
  public var name: String { description.name }

  /// A description that was read before, such as one from a program file.
  ///
  /// - Throws: `Diagnostics` with all that `lint` finds wrong with it.
  package init(_ description: TargetDescription, _ choice: TargetChoice, sha256: String) throws {
    try Diagnostics(description.lint()).throwIfErrors()
    self.description = description
    self.choice = choice
    self.sha256 = sha256
    text = nil
  }

  /// Reads a target by its name in `Targets/`, or from the file or folder at a path.
  ///
  /// - Parameters:
  ///   - nameOrPath: a path if it has a slash or ends in `.yaml`, else a name. Of a family's file, `PATH#NAME` is the
  ///     configuration of this name.
  ///   - choice: the variants; what it leaves open, the file decides.
  /// - Throws: `Diagnostics` with all that is wrong with the file, or a `Diagnostic` if it has no such variants.
  public init(_ nameOrPath: String, _ choice: TargetChoice = TargetChoice()) throws {
    try self.init(nameOrPath, choice, TargetFiles())
  }

  /// Reads several targets as one by itself is read, but each file only once.
  public static func all(_ namesOrPaths: [String], _ choice: TargetChoice) throws -> [Target] {
    let files = TargetFiles()
    return try namesOrPaths.map { try Target($0, choice, files) }
  }

  private init(_ nameOrPath: String, _ choice: TargetChoice, _ files: TargetFiles) throws {
    let place = try TargetLibrary.place(of: nameOrPath, files)
    let file = try FileBytes(mapping: place.path)
    let text = try FileBytes.text(of: place.path)
    var choice = choice
    choice.configuration = place.configuration ?? choice.configuration
    (description, self.choice) = try locating(in: Diagnostic.Place(file: place.path)) {
      try Self.read(files.file(at: place.path), choice)
    }
    sha256 = SHA256.hexDigest(of: file)
    self.text = text
  }

  /// The same target with each of the other memory modes of its file that go with its system configuration.
  public var inOtherMemoryModes: [Target] {
    guard let text, let file = try? TargetFile(parsing: text) else { return [] }
    let others = file.combinations(of: choice.configuration).filter {
      $0.systemConfig == choice.systemConfig && $0.memoryMode != choice.memoryMode
    }
    // One that cannot be with the size that was asked for is none.
    return others.compactMap { try? Target(self, text, inMode: $0.memoryMode) }
  }

  private init(_ other: Target, _ text: String, inMode mode: String?) throws {
    var choice = other.choice
    choice.memoryMode = mode
    (description, self.choice) = try Self.read(TargetFile(parsing: text), choice)
    sha256 = other.sha256
    self.text = text
  }

  private static func read(_ file: TargetFile, _ choice: TargetChoice) throws -> (
    TargetDescription, TargetChoice
  ) {
    let (node, choice) = try file.resolved(choice)
    var description: TargetDescription
    do {
      description = try YAMLDecoder().decode(
        TargetDescription.self, from: node, userInfo: OperatorNames(node).userInfo)
    } catch let error as DecodingError {
      throw Diagnostic(.badTarget(error.sentence))
    }
    let unknown = unknownFields(node, description)
    if let bytes = choice.activationMemoryBytes {
      description = description.withActivationMemory(of: bytes)
    }
    try Diagnostics(unknown + description.lint()).throwIfErrors()
    return (description, choice)
  }

  /// Fields of the file that the description does not have: most likely misspelt.
  private static func unknownFields(_ node: Node, _ known: Any, path: String = "") -> [Diagnostic] {
    let mirror = Mirror(reflecting: known)
    if mirror.displayStyle == .optional {
      return mirror.children.first.map { unknownFields(node, $0.value, path: path) } ?? []
    }
    if let items = node.sequence {
      return zip(items, mirror.children).enumerated().flatMap { index, pair in
        unknownFields(pair.0, pair.1.value, path: "\(path)[\(index)]")
      }
    }
    guard let fields = node.mapping else { return [] }
    let knownFields = Dictionary(uniqueKeysWithValues: mirror.children.compactMap(Self.named))
    return fields.flatMap { key, value -> [Diagnostic] in
      let name = path.isEmpty ? key.string ?? "" : "\(path).\(key.string ?? "")"
      guard let knownValue = knownFields[key.string ?? ""] else {
        return [Diagnostic(.unknownField(name), at: "line \(key.mark?.line ?? 0)")]
      }
      return unknownFields(value, knownValue, path: name)
    }
  }

  /// A field and its name, of a structure or of a dictionary of what engines support.
  private static func named(_ child: Mirror.Child) -> (String, Any)? {
    if let entry = child.value as? (String, TargetDescription.Support) { return entry }
    return child.label.map { ($0, child.value) }
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

extension Diagnostic.Message {
  fileprivate static func badTarget(_ problem: String) -> Self {
    Self(id: "bad-target", .malformed, problem)
  }
}
