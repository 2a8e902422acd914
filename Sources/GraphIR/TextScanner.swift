import Support

/// Reads words, numbers and punctuation off the front of one line of the text form.
struct TextScanner {
  private let bytes: [UInt8]
  private var position = 0
  private let line: Int

  init(_ text: some StringProtocol, line: Int) {
    bytes = Array(text.utf8)
    self.line = line
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
      return position == bytes.count || bytes[position...].starts(with: Array("//".utf8))
    }
  }

  /// Takes `text` off the front if it stands there.
  mutating func take(_ text: String) -> Bool {
    skipSpaces()
    guard bytes[position...].starts(with: Array(text.utf8)) else { return false }
    position += text.utf8.count
    return true
  }

  mutating func expect(_ text: String) throws {
    guard take(text) else { throw unexpected("`\(text)`") }
  }

  mutating func expectEnd() throws {
    guard isAtEnd else { throw unexpected("the end of the line") }
  }

  /// A run of letters, digits, underscores and dots.
  mutating func word(_ what: String) throws -> String {
    skipSpaces()
    let rest = bytes[position...].prefix(while: Self.isWordByte)
    guard !rest.isEmpty else { throw unexpected(what) }
    position += rest.count
    return String(decoding: rest, as: UTF8.self)
  }

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
    var scalars = String.UnicodeScalarView()
    let text = String(decoding: bytes[position...], as: UTF8.self)
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\"" {
        position = bytes.count - String(rest).utf8.count
        return String(scalars)
      }
      scalars.append(scalar == "\\" ? try escape(&rest) : scalar)
    }
    throw unexpected("the closing quote of \(what)")
  }

  /// The text from an opening brace to the one that closes it, with both; nil if no brace comes next.
  mutating func bracedText() throws -> String? {
    skipSpaces()
    guard position < bytes.count, bytes[position] == UInt8(ascii: "{") else { return nil }
    guard let end = bytes[position...].firstIndex(of: UInt8(ascii: "}")) else {
      throw unexpected("`}`")
    }
    defer { position = end + 1 }
    return String(decoding: bytes[position...end], as: UTF8.self)
  }

  func unexpected(_ what: String) -> Diagnostic {
    let rest = String(decoding: bytes[min(position, bytes.count)...].prefix(24), as: UTF8.self)
    return Diagnostic(
      .expected(what, found: rest.isEmpty ? "the end of the line" : "`\(rest)`"), at: "line \(line)"
    )
  }

  private mutating func skipSpaces() {
    while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
  }

  private mutating func numberText() -> String {
    skipSpaces()
    let rest = bytes[position...].prefix {
      Self.isWordByte($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+")
    }
    position += rest.count
    return String(decoding: rest, as: UTF8.self)
  }

  private func escape(_ rest: inout Substring.UnicodeScalarView) throws -> Unicode.Scalar {
    guard let next = rest.popFirst() else { throw unexpected("an escape") }
    guard next == "u", rest.popFirst() == "{" else { return next }
    let digits = rest.prefix { $0 != "}" }
    rest = rest.dropFirst(digits.count + 1)
    guard let code = UInt32(String(digits), radix: 16), let scalar = Unicode.Scalar(code) else {
      throw unexpected("a character code")
    }
    return scalar
  }
}

extension Diagnostic.Message {
  fileprivate static func expected(_ what: String, found: String) -> Self {
    Self(id: "graph-syntax", .malformed, "expected \(what), found \(found)")
  }
}
