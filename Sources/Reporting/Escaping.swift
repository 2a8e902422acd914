/// Text from the files of strangers, made harmless for each format: there it means nothing but itself.
public enum Escaping {
  /// For a terminal, on one line: control characters as escapes such as `\n` and `\u{1b}`, and without those that turn
  /// the direction in which text runs.
  public static func terminal(_ text: String) -> String {
    terminal(text, keeping: [])
  }

  /// For several lines on a terminal: as `terminal`, but tabs and line feeds stay.
  public static func terminalLines(_ text: String) -> String {
    terminal(text, keeping: ["\n", "\t"])
  }

  private static func terminal(_ text: String, keeping layout: [Unicode.Scalar]) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x20..<0x7f).contains(byte) || layout.contains(Unicode.Scalar(byte))
    }
    if isPlain { return text }
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      if isControl(scalar), !layout.contains(scalar) {
        line += escape(scalar)
      } else if !turnsDirection(scalar) {
        line.unicodeScalars.append(scalar)
      }
    }
  }

  /// A cell of comma-separated values (RFC 4180). An apostrophe keeps spreadsheets from taking text for a formula.
  public static func csvCell(_ text: String) -> String {
    if isPlainCell(text) { return text }
    // Scalar by scalar, for a comma with an accent is one character, and CR LF another than both.
    var cell = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": cell += "\"\""
      case "\n", "\r", "\t": cell.unicodeScalars.append(scalar)
      default:
        if isHarmless(scalar) { cell.unicodeScalars.append(scalar) } else { cell += escape(scalar) }
      }
    }
    let isFormula = text.unicodeScalars.first.map(formulaStarts.contains) ?? false
    let needsQuotes =
      isFormula || text.unicodeScalars.contains { "\",\r\n\t".unicodeScalars.contains($0) }
    return needsQuotes ? "\"\(isFormula ? "'" : "")\(cell)\"" : cell
  }

  /// Most cells are numbers and names of letters and digits.
  private static func isPlainCell(_ text: String) -> Bool {
    text.utf8.first != UInt8(ascii: "-")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
          UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), UInt8(ascii: "/"),
          UInt8(ascii: "."), UInt8(ascii: ";"), UInt8(ascii: " "), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// What begins a formula in some spreadsheet, the wide forms of East Asia among them.
  private static let formulaStarts: Set<Unicode.Scalar> = [
    "=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠",
  ]

  /// A name as code in Markdown, on one line, also in a cell of a table. Long ones lose their middle.
  public static func markdownCode(_ text: String) -> String {
    let line = shortened(terminal(text), to: 96)
    // A code span cannot hold a back quote or, in a table, a pipe; what could be taken for HTML stays out of it as well.
    let isPlain =
      !line.isEmpty && !line.hasPrefix(" ") && !line.hasSuffix(" ")
      && !line.unicodeScalars.contains { "`|<>&\\".unicodeScalars.contains($0) }
    return isPlain ? "`\(line)`" : "<code>\(markdownText(line))</code>"
  }

  /// Prose in Markdown: all that could be markup, a mention or a link is written as a number.
  public static func markdownText(_ text: String) -> String {
    terminal(text).unicodeScalars.reduce(into: "") { prose, scalar in
      let isPlain =
        scalar.value >= 0x80 || scalar == " " || scalar.properties.isAlphabetic
        || scalar.properties.numericType != nil
      if isPlain { prose.unicodeScalars.append(scalar) } else { prose += "&#\(scalar.value);" }
    }
  }

  /// A frame of a folded stack: semicolons part frames, and a line feed stacks.
  public static func frame(_ text: String) -> String {
    let line = terminal(text)
    guard line.utf8.contains(UInt8(ascii: ";")) else { return line }
    return String(String.UnicodeScalarView(line.unicodeScalars.map { $0 == ";" ? ":" : $0 }))
  }

  /// A string of JSON with its quotes, in UTF-8.
  public static func json(_ text: String) -> [UInt8] {
    var bytes = [UInt8(ascii: "\"")]
    bytes.reserveCapacity(text.utf8.count + 2)
    if text.utf8.allSatisfy(isPlainInJSON) { return bytes + Array(text.utf8) + bytes }
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { bytes.append(UInt8(ascii: "\\")) }
      bytes += isHarmlessInJSON(scalar) ? Array(String(scalar).utf8) : jsonEscape(scalar)
    }
    return bytes + [UInt8(ascii: "\"")]
  }

  /// JSON that was encoded already: what it leaves in strings that steers terminals or ends a line in JavaScript becomes
  /// an escape, which means the same.
  static func jsonText(_ text: String) -> String {
    // Most are plain, which is told fastest of bytes that lie side by side.
    let isPlain = text.utf8.withContiguousStorageIfAvailable { $0.allSatisfy { $0 < 0x7f } }
    if isPlain ?? false { return text }
    return text.unicodeScalars.reduce(into: "") { json, scalar in
      if scalar == "\n" || isHarmlessInJSON(scalar) {
        json.unicodeScalars.append(scalar)
      } else {
        json += String(decoding: jsonEscape(scalar), as: UTF8.self)
      }
    }
  }

  /// Whether a byte is of printable ASCII, and neither a quote nor a backslash.
  private static func isPlainInJSON(_ byte: UInt8) -> Bool {
    (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  /// Some readers lose byte order marks.
  private static func isHarmlessInJSON(_ scalar: Unicode.Scalar) -> Bool {
    isHarmless(scalar) && scalar.value != 0xfeff
  }

  /// `\u001b`: what is escaped lies in the first plane, for which four digits do.
  private static func jsonEscape(_ scalar: Unicode.Scalar) -> [UInt8] {
    let digits = String(scalar.value, radix: 16)
    return Array("\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8)
  }

  /// Without its middle, where it has more than `count` characters.
  public static func shortened(_ text: String, to count: Int) -> String {
    // No character has less than a byte.
    guard text.utf8.count > count,
      text.index(text.startIndex, offsetBy: count + 1, limitedBy: text.endIndex) != nil
    else { return text }
    return "\(text.prefix(count / 2))…\(text.suffix(count - count / 2 - 1))"
  }

  /// Neither steers a terminal nor turns the direction of text.
  private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
    !isControl(scalar) && !turnsDirection(scalar)
  }

  /// Those of ASCII and Latin-1, and what Unicode says ends a line.
  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7f...0x9f, 0x2028, 0x2029: true
    default: false
    }
  }

  /// Marks, embeddings, overrides and isolates of the Unicode Bidirectional Algorithm (UAX 9), the deprecated marks
  /// behind them, and those of interlinear annotations.
  private static func turnsDirection(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x206f, 0xfff9...0xfffb: true
    default: false
    }
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default: "\\u{\(String(scalar.value, radix: 16))}"
    }
  }
}
