/// Names in markup, and in lines that a machine reads.
extension Escaping {
  /// As content or as an attribute in quotes, of HTML and of XML 1.0, which has no control characters at all.
  public static func markup(_ text: String) -> String {
    terminal(text).unicodeScalars.reduce(into: "") { markup, scalar in
      switch scalar {
      case "&": markup += "&amp;"
      case "<": markup += "&lt;"
      case ">": markup += "&gt;"
      case "\"": markup += "&quot;"
      case "'": markup += "&#39;"
      case "\u{fffe}", "\u{ffff}": markup += "\u{fffd}"
      default: markup.unicodeScalars.append(scalar)
      }
    }
  }

  /// The message of an annotation in the log of GitHub Actions, which may have several lines.
  public static func annotation(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { terminal(String($0)) }
      .joined(separator: "\n").replacing("%", with: "%25").replacing("\n", with: "%0A")
  }

  /// A property of an annotation, such as its file: colons and commas part properties.
  public static func annotationProperty(_ text: String) -> String {
    annotation(text).replacing(":", with: "%3A").replacing(",", with: "%2C")
  }

  /// A path as a relative reference of RFC 3986: all but unreserved characters and slashes as bytes.
  public static func uri(_ path: String) -> String {
    path.utf8.reduce(into: "") { uri, byte in
      let character = Character(Unicode.Scalar(byte))
      let isPlain =
        byte < 0x80 && (character.isLetter || character.isNumber || "-._~/".contains(character))
      let digits = String(byte, radix: 16, uppercase: true)
      uri += isPlain ? String(character) : "%\(digits.count < 2 ? "0" : "")\(digits)"
    }
  }
}
