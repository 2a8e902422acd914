import Foundation
import Reporting
import Support

/// Where text goes: results to standard output, messages to standard error, files whole or not at all.
enum Console {
  static func message(_ text: String) {
    FileHandle.standardError.write(Data((Escaping.terminalLines(text) + "\n").utf8))
  }

  static func result(_ text: String) {
    FileHandle.standardOutput.write(Data(printable(text).utf8))
  }

  /// Without the characters that steer a terminal: names come from the files of strangers.
  private static func printable(_ text: String) -> String {
    guard text.utf8.contains(where: { $0 < 0x20 && !layout.contains($0) }) else { return text }
    return String(
      decoding: text.utf8.map { $0 < 0x20 && !layout.contains($0) ? UInt8(ascii: "?") : $0 },
      as: UTF8.self)
  }

  /// Tabs, and what ends a line.
  private static let layout = Array("\t\n\r".utf8)

  /// Writes text to a file, or to standard output if the path is `-`.
  static func write(_ text: String, to path: String) throws {
    if path == "-" { return result(text) }
    try FileBytes.write(Array(text.utf8), to: path)
  }

  /// As `write(_:to:)`, for a report that is written piece by piece.
  static func write(
    to path: String, _ body: (@escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    if path == "-" { return try body { try FileHandle.standardOutput.write(contentsOf: $0) } }
    try FileBytes.write(to: path, body)
  }

  /// The width of the terminal; 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
