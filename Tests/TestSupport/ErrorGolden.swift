import GraphIR
import Operators
import Support

extension Golden {
  /// Reads and verifies a wrong graph, and says where its diagnostics are not those that its text announces:
  /// `// error: MESSAGE` at the end of the line at fault.
  public func problemsWithErrors() throws -> [String] {
    let announced = announcedErrors
    guard !announced.isEmpty, !title.isEmpty else {
      return ["\(path): the first line says nothing, or no line announces an error"]
    }
    let found = diagnose().map { Announcement(line: Self.line($0), text: $0.message.text) }
    return announced.filter { !found.contains($0) }.map { "\(path): missing \($0)" }
      + found.filter { !announced.contains($0) }.map { "\(path): unexpected \($0)" }
  }

  private struct Announcement: Hashable, CustomStringConvertible {
    /// Nil for a diagnostic that is not about one line.
    let line: Int?
    let text: String

    var description: String { "line \(line.map(String.init) ?? "unknown"): \(text)" }
  }

  /// The errors that the text announces. Those on a line of their own, at the end, are about no line.
  private var announcedErrors: [Announcement] {
    input.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      number, line in
      guard let marker = line.firstRange(of: "// error: ") else { return nil }
      return Announcement(
        line: marker.lowerBound == line.startIndex ? nil : number + 1,
        text: String(line[marker.upperBound...]))
    }
  }

  /// The text as it is read, so that messages do not quote the announcements.
  private var withoutAnnouncements: String {
    input.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.firstRange(of: "// error: ").map { line[..<$0.lowerBound] } ?? line
    }.joined(separator: "\n")
  }

  private func diagnose() -> [Diagnostic] {
    do {
      return try GraphParser(withoutAnnouncements, operators: Operators.all).graph.verify()
    } catch let diagnostic as Diagnostic {
      return [diagnostic]
    } catch {
      return []
    }
  }

  private static func line(_ diagnostic: Diagnostic) -> Int? {
    guard let spot = diagnostic.place.spot, spot.hasPrefix("line ") else { return nil }
    return Int(spot.dropFirst(5))
  }
}
