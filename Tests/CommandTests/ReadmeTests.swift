import Foundation
import Support
import TestSupport
import Testing

/// What README.md shows of a session is what happens: each fenced block that begins with `$ dovetail`.
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
    let parts = text.components(separatedBy: "```")
    return try parts.enumerated().map { number, part in
      number % 2 == 1 ? try transcript(part) ?? part : part
    }.joined(separator: "```")
  }

  private static func transcript(_ block: String) throws -> String? {
    guard block.hasPrefix("\n$ dovetail ") else { return nil }
    let command = block.dropFirst().prefix { $0 != "\n" }
    let arguments = command.split(separator: " ").dropFirst(2).map(String.init)
    let result = try DovetailCommand.run(arguments)
    #expect(result.status == 0, "\(command): \(result.messages)")
    return "\n\(command)\n\(result.output)"
  }
}
