import Foundation
import Support

/// A golden file: a first line that says what it shows, an input, and often what must become of it.
///
///     // Two transposes that cancel each other vanish.
///     graph(…) { … }
///     // ----
///     graph(…) { … }
public struct Golden: Sendable, CustomStringConvertible {
  public let path: String
  /// The name of the folder it lies in, which says what is run.
  public let folder: String
  /// What it shows.
  public let title: String
  public let input: String
  /// What stands below the line `// ----`; empty if there is none.
  public let expected: String

  private static let separator = "// ----\n"

  /// Every golden below the folder `Golden` beside the given source file, in order of path.
  public static func all(beside source: String) -> [Golden] {
    let root = URL(fileURLWithPath: source).deletingLastPathComponent().appending(path: "Golden")
    let paths = FileManager.default.enumerator(atPath: root.path)?.compactMap { $0 as? String }
    return (paths ?? []).filter { $0.hasSuffix(".graph") }.sorted()
      .map { path in
        guard let golden = try? Golden(root.appending(path: path).path) else {
          preconditionFailure("the golden \(path) cannot be read")
        }
        return golden
      }
  }

  public init(_ path: String) throws {
    self.path = path
    folder = path.split(separator: "/").dropLast().last.map(String.init) ?? ""
    let text = try FileBytes.text(of: path)
    let first = text.prefix { $0 != "\n" }
    title = first.hasPrefix("// ") ? String(first.dropFirst(3)) : ""
    let halves = text.components(separatedBy: Self.separator)
    input = halves[0]
    expected = halves.count > 1 ? halves[1] : ""
  }

  /// What is wrong with `found` as the result; rewrites the file instead if `UPDATE_GOLDENS` is set.
  public func compare(_ found: String) throws -> [String] {
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      if found != expected {
        try FileBytes.write(Array((input + Self.separator + found).utf8), to: path)
      }
      return []
    }
    guard found != expected else { return [] }
    return ["\(path): the result differs\n\(lineDifference(expected, found))"]
  }

  public var description: String {
    path.split(separator: "/").suffix(2).joined(separator: "/")
  }
}
