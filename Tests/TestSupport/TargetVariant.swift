import Foundation
import Support

/// Targets of the repository, and target files made from a plain one.
public enum TargetVariant {
  /// The names of all targets in the repository.
  public static let names = [
    "ethos-u55-32", "ethos-u55-64", "ethos-u55-128", "ethos-u55-256", "ethos-u65-256",
    "ethos-u65-512", "ethos-u85-128", "ethos-u85-256", "ethos-u85-512", "ethos-u85-1024",
    "ethos-u85-2048",
  ]

  /// Some that differ in all that lowering looks at, for tests that take their time.
  public static let kinds = [
    "ethos-u55-32", "ethos-u55-128", "ethos-u55-256", "ethos-u65-512", "ethos-u85-256",
    "ethos-u85-2048",
  ]

  /// Some with a memory that every model of the tests fits.
  public static let roomy = ["ethos-u55-128", "ethos-u55-256"]

  /// The file of a target in the repository.
  public static func file(of name: String) -> String {
    let family = name.split(separator: "-").dropLast().joined(separator: "-")
    return TestFiles.repository.appending(path: "Targets/\(family)/target.yaml").path
  }

  /// A target in the repository, as `Target` takes it.
  public static func path(of name: String) -> String { "\(file(of: name))#\(name)" }

  /// The text of a target without variants, the same as `ethos-u55-128`, with parts replaced.
  ///
  /// - Precondition: each part to replace is there.
  public static func text(replacing parts: KeyValuePairs<String, String> = [:]) throws -> String {
    let path = TestFiles.repository.appending(path: "Tests/Targets/plain/target.yaml").path
    return try parts.reduce(into: FileBytes.text(of: path)) { text, part in
      guard let place = text.firstRange(of: part.key) else {
        preconditionFailure("`\(part.key)` is not in the target file")
      }
      text.replaceSubrange(place, with: part.value)
    }
  }

  /// Calls `body` with the path of a file that holds `text`.
  public static func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws
    -> Result
  {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/target.yaml"
      try FileBytes.write(Array(text.utf8), to: path)
      return try body(path)
    }
  }
}
