/// Markup of HTML. Text enters it only through interpolation, which escapes it:
///
///     let cell: HTMLText = "<td>\(layer.name)</td>"
///
/// What is markup is written in a literal of the source code; no string that exists only at run time can become markup.
public struct HTMLText: Hashable, Sendable, ExpressibleByStringInterpolation {
  /// The markup as it stands in a page.
  public private(set) var markup: String

  /// The markup that a literal of the source code spells out.
  public init(stringLiteral literal: StaticString) { markup = "\(literal)" }

  /// The markup of literals, with escaped text and other markup between them.
  public init(stringInterpolation: StringInterpolation) { markup = stringInterpolation.markup }

  fileprivate init(markup: String) { self.markup = markup }

  /// Collects the pieces of a literal.
  public struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    /// An empty text with room for the pieces.
    public init(literalCapacity: Int, interpolationCount: Int) {
      markup.reserveCapacity(literalCapacity + 12 * interpolationCount)
    }

    /// Markup from the source code.
    public mutating func appendLiteral(_ literal: StaticString) {
      literal.withUTF8Buffer { markup += String(decoding: $0, as: UTF8.self) }
    }

    /// Text, escaped for elements and for quoted attributes alike.
    public mutating func appendInterpolation(_ text: some StringProtocol) {
      HTMLText.escape(text, into: &markup)
    }

    /// Markup that was made the same way.
    public mutating func appendInterpolation(_ html: HTMLText) { markup += html.markup }

    /// One piece of markup after the other.
    public mutating func appendInterpolation(_ pieces: [HTMLText]) {
      for piece in pieces { markup += piece.markup }
    }

    /// Digits.
    public mutating func appendInterpolation(_ number: Int) { markup += String(number) }
  }
}

extension HTMLText {
  /// Appends markup.
  public static func += (text: inout HTMLText, more: HTMLText) { text.markup += more.markup }

  /// Pieces in one, each on a line of its own.
  static func lines(_ pieces: [HTMLText]) -> HTMLText {
    HTMLText(markup: pieces.map(\.markup).joined(separator: "\n"))
  }

  /// Pieces in one, with markup of the source code between them.
  static func joined(_ pieces: [HTMLText], _ separator: HTMLText) -> HTMLText {
    HTMLText(markup: pieces.map(\.markup).joined(separator: separator.markup))
  }

  /// Numbers as a list of JSON, which holds nothing that HTML could mistake; what is no number is `null`.
  static func list(_ numbers: [Double?]) -> HTMLText {
    HTMLText(
      markup: "[\(numbers.map { SVG.decimal($0, places: 4) ?? "null" }.joined(separator: ","))]")
  }

  /// A coordinate with at most two places behind the point; one that is no number becomes 0.
  static func number(_ value: Double) -> HTMLText {
    HTMLText(markup: SVG.decimal(value, places: 2) ?? "0")
  }

  /// The data of a path, which only digits, signs and letters of commands can be in.
  static func path(_ steps: [PathStep]) -> HTMLText {
    var data = ByteText(capacity: 40 * steps.count)
    for step in steps { step.write(to: &data) }
    return HTMLText(markup: data.text)
  }

  /// Without what a browser would read as markup, would not show, or would let run from right to left over its surroundings.
  fileprivate static func escape(_ text: some StringProtocol, into markup: inout String) {
    // Most texts are plain, and pages have thousands of them.
    if text.utf8.allSatisfy(isPlain) {
      markup += text
      return
    }
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      case "`": markup += "&#96;"
      case _ where isUnseen(scalar): markup += "\u{fffd}"
      default: markup.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a byte is of printable ASCII and no markup.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""),
      UInt8(ascii: "'"), UInt8(ascii: "`"):
      false
    default: (0x20...0x7e).contains(byte)
    }
  }

  /// Control characters and noncharacters, and those that change the direction of the text behind them.
  private static func isUnseen(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1f, 0x7f...0x9f, 0x200e...0x200f, 0x2028...0x202e, 0x2066...0x2069, 0x61c:
      return true
    default: return scalar.properties.isNoncharacterCodePoint
    }
  }
}

extension String {
  /// At most `count` scalars, for one character may have thousands: of a longer text beginning and end, which tell more
  /// than its middle.
  func shortened(to count: Int) -> String {
    guard unicodeScalars.count > count else { return self }
    let tail = (count - 1) * 3 / 5
    return
      "\(String(unicodeScalars.prefix(count - 1 - tail)))…\(String(unicodeScalars.suffix(tail)))"
  }
}
