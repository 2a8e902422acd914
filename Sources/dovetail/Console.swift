import Foundation
import Reporting
import Support

/// Where text goes: results to standard output, messages to standard error, files whole or not at all.
enum Console {
  static func message(_ text: String) {
    FileHandle.standardError.write(Data((Escaping.terminalLines(text) + "\n").utf8))
  }

  static func result(_ text: String) {
    // Names come from the files of strangers, wherever in a text they stand.
    FileHandle.standardOutput.write(Data(Escaping.terminalLines(text).utf8))
  }

  /// Writes a report to a file, or to standard output if the path is `-`: the same bytes, as each format has its own
  /// escapes.
  static func write(_ text: String, to path: String) throws {
    let bytes = Array(text.utf8)
    if path == "-" { return FileHandle.standardOutput.write(Data(bytes)) }
    try FileBytes.write(bytes, to: path)
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
