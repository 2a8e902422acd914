import Foundation
import Hardware
import Support

/// Facts that were measured before, by the content of all that they depend on.
///
/// An entry that is damaged counts as none, and a folder that cannot be written holds none: a cache only saves time.
public struct CheckCache: Sendable {
  private let folder: String

  /// - Parameter folder: it need not exist yet.
  public init(folder: String) { self.folder = folder }

  /// The folder for caches of this user: `$XDG_CACHE_HOME/dovetail`, else `~/.cache/dovetail`; nil if neither is known.
  public static func standardFolder(_ environment: [String: String]) -> String? {
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") {
      return "\(cache)/dovetail"
    }
    return environment["HOME"].map { "\($0)/.cache/dovetail" }
  }

  /// What stands under a key; nil if nothing sound does.
  func value<Value: Decodable>(_ key: String, as type: Value.Type = Value.self) -> Value? {
    guard let text = try? FileBytes.text(of: path(key)),
      let newline = text.utf8.firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    let body = String(text[text.utf8.index(after: newline)...])
    // A digest, because a damaged number is still a number.
    guard text[..<newline] == Self.digest(body) else { return nil }
    return try? JSONDecoder().decode(Value.self, from: Data(body.utf8))
  }

  /// Keeps a value under a key, if the folder allows.
  func store(_ value: some Encodable, _ key: String) {
    guard let body = try? JSONText.encode(value) else { return }
    try? FileBytes.createFolder(folder)
    try? FileBytes.write(Array("\(Self.digest(body))\n\(body)".utf8), to: path(key))
  }

  private func path(_ key: String) -> String { "\(folder)/\(Self.digest(key)).json" }

  /// The SHA-256 of a text, as 64 hexadecimal digits.
  static func digest(_ text: String) -> String {
    Array(text.utf8).withUnsafeBytes { SHA256.hexDigest(of: $0) }
  }
}

/// What facts are kept under: the content of everything that they depend on.
struct CheckKey {
  let text: String

  /// Nil for a model that may keep weights in further files.
  ///
  /// - Parameter tool: the digest of what measures.
  /// - Throws: a `Diagnostic` if a file cannot be read.
  init?(_ entry: Suite.Entry, on target: Target, tool: String) throws {
    guard let model = try Self.digest(ofModel: entry.model) else { return nil }
    let samples = try entry.samples.map {
      try [Self.digest(of: $0.data), Self.digest(of: $0.labels)]
    }
    let shapes = entry.shapes.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    let parts =
      [
        "dovetail.facts/1", tool, entry.model.split(separator: ".").last.map(String.init) ?? "",
        model,
      ]
      + Self.parts(of: target) + shapes + entry.disabledPasses.sorted()
      + [entry.objective.rawValue] + (samples ?? [])
    text = parts.joined(separator: "\n")
  }

  /// The file and the variants of it: several targets share a file.
  private static func parts(of target: Target) -> [String] {
    let choice = target.choice
    let variants = [choice.configuration, choice.systemConfig, choice.memoryMode]
    return [target.sha256] + variants.map { $0 ?? "" }
      + [choice.activationMemoryBytes.map(String.init) ?? ""]
  }

  private static func digest(of path: String) throws -> String {
    let file = try FileBytes(mapping: path)
    return SHA256.hexDigest(of: file)
  }

  /// An ONNX model names further files in entries called `location`; whether it has some is not worth reading it twice.
  private static func digest(ofModel path: String) throws -> String? {
    let file = try FileBytes(mapping: path)
    return withExtendedLifetime(file) {
      let isAlone =
        !path.lowercased().hasSuffix(".onnx")
        || Data(file.bytes).firstRange(of: Data("location".utf8)) == nil
      return isAlone ? SHA256.hexDigest(of: file.bytes) : nil
    }
  }
}
