import Foundation
import Support

/// Target files made from one in the repository.
public enum TargetVariant {
  /// The names of all targets in the repository.
  public static var names: [String] {
    let folder = TestFiles.repository.appending(path: "Targets").path
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return entries.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The file of a target in the repository.
  public static func path(of name: String) -> String {
    TestFiles.repository.appending(path: "Targets/\(name)/target.yaml").path
  }

  /// The text of a target in the repository, with parts replaced.
  ///
  /// - Precondition: each part to replace is there.
  public static func text(
    of name: String = "ethos-u55-128", replacing parts: KeyValuePairs<String, String> = [:]
  ) throws -> String {
    try parts.reduce(into: FileBytes.text(of: path(of: name))) { text, part in
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
