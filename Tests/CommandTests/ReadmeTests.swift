import Foundation
import Support
import TestSupport
import Testing

/// What README.md shows of a session is what happens: each fenced block that begins with `$ dovetail`, one after another in
/// a folder that has the examples of the repository.
struct ReadmeTests {
  private static let path = TestFiles.repository.appending(path: "README.md").path

  @Test func transcriptsAreTrue() throws {
    let text = try FileBytes.text(of: Self.path)
    let found = try Self.rewritten(text)
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] == "1" {
      if found != text { try FileBytes.write(Array(found.utf8), to: Self.path) }
    } else {
      #expect(found == text, "\(lineDifference(text, found))")
    }
  }

  /// The text with what the commands print now. Blocks are every second part between fences.
  private static func rewritten(_ text: String) throws -> String {
    try TestFiles.withFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: "\(folder)/Examples",
        withDestinationPath: TestFiles.repository.appending(path: "Examples").path)
      let parts = text.components(separatedBy: "```")
      return try parts.enumerated().map { number, part in
        number % 2 == 1 && part.hasPrefix("\n$ dovetail ")
          ? try transcript(part, in: folder) : part
      }.joined(separator: "```")
    }
  }

  /// A block with what its commands print. A command goes on in the next line where it ends in a backslash.
  private static func transcript(_ block: String, in folder: String) throws -> String {
    try block.components(separatedBy: "\n$ ").dropFirst().map { part in
      let lines = part.components(separatedBy: "\n")
      let last = lines.firstIndex { !$0.hasSuffix("\\") } ?? 0
      let command = lines[...last].joined(separator: "\n")
      let words = command.replacing("\\\n", with: " ").split(separator: " ").map(String.init)
      let result = try DovetailCommand.run(Array(words.dropFirst()), in: folder)
      #expect(result.status == 0, "\(command): \(result.messages)")
      return "\n$ \(command)\n\(result.output)"
    }.joined()
  }
}
