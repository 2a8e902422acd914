import Foundation
import Reporting
import Support

/// Where text goes: results to standard output, messages to standard error, files whole or not at all.
enum Console {
  /// Takes the places of standard streams that were closed, so that no file which is opened later is taken for one.
  static func occupyStreams() {
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 {
      // For reading, so that writing results still fails, and is told.
      _ = open("/dev/null", O_RDONLY)
    }
  }

  static func message(_ text: String) {
    // Where messages cannot be written, nothing can be said about it.
    try? FileHandle.standardError.write(
      contentsOf: Data((Escaping.terminalLines(text) + "\n").utf8))
  }

  /// - Throws: an `unwritable-output` diagnostic.
  static func result(_ text: String) throws {
    // Names come from the files of strangers, wherever in a text they stand.
    try writeOutput(Array(Escaping.terminalLines(text).utf8))
  }

  /// Writes a report to a file, or to standard output if the path is `-`: the same bytes, as each format has its own
  /// escapes.
  static func write(_ text: String, to path: String) throws {
    let bytes = Array(text.utf8)
    if path == "-" { return try writeOutput(bytes) }
    try FileBytes.write(bytes, to: path)
  }

  /// As `write(_:to:)`, for a report that is written piece by piece.
  static func write(
    to path: String, _ body: (@escaping ([UInt8]) throws -> Void) throws -> Void
  ) throws {
    if path == "-" { return try body(writeOutput) }
    try FileBytes.write(to: path, body)
  }

  /// The width of the terminal; 80 where there is none.
  static var width: Int {
    var size = winsize()
    guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }

  private static func writeOutput(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Foundation.write(STDOUT_FILENO, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let reason = String(cString: strerror(errno)).lowercased()
        // Its own place, for what is asked for may be text of a model's file.
        let place = Diagnostic.Place(file: "standard output")
        throw Diagnostic(.error, .unwritableOutput(reason), at: place)
      }
      rest = rest.dropFirst(count)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func unwritableOutput(_ reason: String) -> Self {
    Self(id: "unwritable-output", .unwritable, "cannot be written: \(reason)")
  }
}
