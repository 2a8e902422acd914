import Foundation
import Testing

/// Every diagnostic has a long story, and no story is left without its diagnostic. Both sides are
/// read as text, because messages are private to the files that throw them.
struct ExplanationTests {
  @Test func everyDiagnosticIsExplained() throws {
    let missing = try Self.diagnosticIDs().subtracting(Self.explanationIDs())
    #expect(missing.sorted() == [], "diagnostics without an explanation in Sources/dovetail")
  }

  @Test func everyExplanationHasItsDiagnostic() throws {
    let superfluous = try Set(Self.explanationIDs()).subtracting(Self.diagnosticIDs())
    #expect(superfluous.sorted() == [], "explanations of ids that no diagnostic has")
  }

  @Test func noDiagnosticIsExplainedTwice() throws {
    let counts = Dictionary(try Self.explanationIDs().map { ($0, 1) }, uniquingKeysWith: +)
    #expect(counts.filter { $0.value > 1 }.keys.sorted() == [])
  }
}

extension ExplanationTests {
  /// Of `Self(id: "…", …)`, as messages are made.
  private static func diagnosticIDs() throws -> Set<String> {
    Set(try texts("").flatMap { $0.matches(of: /Self\(\s*id:\s*"([^"]+)"/).map { String($0.1) } })
  }

  /// Of `Explanation("…", …)`; as often as they occur.
  private static func explanationIDs() throws -> [String] {
    try texts("dovetail").flatMap {
      $0.matches(of: /Explanation\(\s*"([^"]+)"/).map { String($0.1) }
    }
  }

  /// The Swift files in a folder under `Sources`, and in the folders in it.
  private static func texts(_ folder: String) throws -> [String] {
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/\(folder)").standardizedFileURL.path
    let paths = try FileManager.default.subpathsOfDirectory(atPath: sources)
    return try paths.filter { $0.hasSuffix(".swift") }.map {
      try String(contentsOfFile: "\(sources)/\($0)", encoding: .utf8)
    }
  }
}
