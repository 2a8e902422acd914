import Support

/// Reads words, numbers and punctuation off the front of one line of the text form.
struct TextScanner {
  /// What is left of the line, without spaces at its end. A slice of the whole text: lines may be megabytes long.
  private var bytes: ArraySlice<UInt8>
  /// Where the line stands, for diagnostics.
  let place: Diagnostic.Place

  private init(_ line: ArraySlice<UInt8>, number: Int) {
    let end = line.lastIndex { !Self.isSpace($0) }.map { $0 + 1 } ?? line.startIndex
    bytes = line[..<end].drop(while: Self.isSpace)
    place = Diagnostic.Place(spot: "line \(number)")
  }

  /// The lines that hold more than spaces and a comment.
  static func lines(of text: String) -> [TextScanner] {
    let lines = Array(text.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.enumerated().compactMap { index, line in
      var scanner = TextScanner(line, number: index + 1)
      return scanner.isAtEnd ? nil : scanner
    }
  }

  /// Whether the whole rest of the line is `text`.
  func holdsOnly(_ text: String) -> Bool { bytes.elementsEqual(text.utf8) }

  /// Spaces, tabs, and what ends a line on Windows before its line feed.
  private static func isSpace(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  /// Whether nothing but spaces and a comment is left.
  var isAtEnd: Bool {
    mutating get {
      skipSpaces()
      return bytes.isEmpty || bytes.starts(with: "//".utf8)
    }
  }

  /// Takes `text` off the front if it stands there.
  mutating func take(_ text: String) -> Bool {
    skipSpaces()
    guard bytes.starts(with: text.utf8) else { return false }
    bytes.removeFirst(text.utf8.count)
    return true
  }

  /// As `take`, for what must stand there.
  mutating func expect(_ text: String) throws {
    guard take(text) else { throw unexpected("`\(text)`") }
  }

  mutating func expectEnd() throws {
    guard isAtEnd else { throw unexpected("the end of the line") }
  }

  /// A run of letters, digits, underscores and dots.
  mutating func word(_ what: String) throws -> String {
    skipSpaces()
    let word = bytes.prefix(while: Self.isWordByte)
    guard !word.isEmpty else { throw unexpected(what) }
    bytes.removeFirst(word.count)
    return String(decoding: word, as: UTF8.self)
  }

  /// - Parameter what: what is expected, for the diagnostic.
  mutating func integer(_ what: String) throws -> Int {
    let text = numberText()
    guard let number = Int(text) else { throw unexpected(what) }
    return number
  }

  mutating func number(_ what: String) throws -> Double {
    let text = numberText()
    guard let number = Double(text) else { throw unexpected(what) }
    return number
  }

  /// As `number`, but rounded once, to `Float`: scales must come back as they were printed.
  mutating func float(_ what: String) throws -> Float {
    let text = numberText()
    guard let number = Float(text) else { throw unexpected(what) }
    return number
  }

  /// A string in double quotes, with `\"`, `\\` and `\u{…}`.
  mutating func string(_ what: String) throws -> String {
    try expect("\"")
    var text: [UInt8] = []
    while let mark = bytes.firstIndex(where: {
      $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\")
    }) {
      text += bytes[..<mark]
      let isEnd = bytes[mark] == UInt8(ascii: "\"")
      bytes = bytes[(mark + 1)...]
      if isEnd { return String(decoding: text, as: UTF8.self) }
      text += try escape()
    }
    throw unexpected("the closing quote of \(what)")
  }

  /// The text from an opening brace to the one that closes it, with both; nil if no brace comes next.
  mutating func bracedText() throws -> String? {
    skipSpaces()
    guard bytes.first == UInt8(ascii: "{") else { return nil }
    guard let end = closingBrace else { throw unexpected("`}`") }
    defer { bytes = bytes[(end + 1)...] }
    return String(decoding: bytes[...end], as: UTF8.self)
  }

  /// The brace that closes the first one; those within strings do not count.
  private var closingBrace: Int? {
    var nesting = BracketNesting()
    return bytes.indices.first { index in
      nesting.take(bytes[index])
      return nesting.depth == 0
    }
  }

  /// The diagnostic for a line that goes on otherwise than with `what`; it shows what stands there.
  func unexpected(_ what: String) -> Diagnostic {
    let rest = String(decoding: bytes.prefix(24), as: UTF8.self)
    let found = rest.isEmpty ? "the end of the line" : "`\(rest)`"
    return Diagnostic(.error, .expected(what, found: found), at: place)
  }

  private mutating func skipSpaces() { bytes = bytes.drop(while: Self.isSpace) }

  private mutating func numberText() -> String {
    skipSpaces()
    let text = bytes.prefix {
      Self.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
    }
    bytes.removeFirst(text.count)
    return String(decoding: text, as: UTF8.self)
  }

  /// What stands for itself behind a backslash, or the character whose code stands in `u{…}`.
  private mutating func escape() throws -> [UInt8] {
    guard bytes.starts(with: "u{".utf8) else {
      guard let next = bytes.popFirst() else { throw unexpected("an escape") }
      return [next]
    }
    let digits = bytes.dropFirst(2).prefix { $0 != UInt8(ascii: "}") }
    guard let code = UInt32(String(decoding: digits, as: UTF8.self), radix: 16),
      let scalar = Unicode.Scalar(code), digits.endIndex < bytes.endIndex
    else { throw unexpected("a character code") }
    bytes = bytes[(digits.endIndex + 1)...]
    return Array(String(scalar).utf8)
  }
}

extension Diagnostic.Message {
  fileprivate static func expected(_ what: String, found: String) -> Self {
    Self(id: "graph-syntax", .malformed, "expected \(what), found \(found)")
  }
}
