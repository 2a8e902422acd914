/// Text on a terminal, measured in columns: a character may take none, one or two.
extension StringProtocol {
  /// The columns that the text takes.
  var columns: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : reduce(0) { $0 + $1.columns } }

  /// The text in at most so many columns: of a longer one the end, which tells more of a name than its beginning.
  func elided(to limit: Int) -> String {
    columns > limit ? "…\(suffix(columns: limit - 1))" : String(self)
  }

  /// The end of the text, in at most so many columns.
  private func suffix(columns limit: Int) -> SubSequence {
    var start = endIndex
    var room = limit
    while start > startIndex {
      let previous = index(before: start)
      room -= self[previous].columns
      guard room >= 0 else { break }
      start = previous
    }
    return self[start...]
  }
}

extension Character {
  /// Of a cluster that shows as one emoji two; of others what their scalars take together.
  var columns: Int {
    let scalars = unicodeScalars
    let isEmoji = scalars.contains { $0.properties.isEmojiPresentation || $0.value == 0xfe0f }
    return isEmoji ? 2 : Swift.min(2, scalars.reduce(0) { $0 + $1.columns })
  }
}

extension Unicode.Scalar {
  /// None for what combines with the character before or is not shown, two for wide ones (Unicode Standard Annex 11).
  fileprivate var columns: Int {
    if value < 0x300 { return value == 0 ? 0 : 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    // Vowels and final consonants of Hangul, which join the syllable before.
    if (0x1160...0x11ff).contains(value) { return 0 }
    return Self.wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// Scripts of East Asia and their wide forms; emoji are told by a property.
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
    0xff01...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1f200...0x1f320,
    0x20000...0x3fffd,
  ]
}

extension String {
  /// Lines of at most `width` columns, cut at spaces where there are any; all but the first are indented.
  func wrapped(to width: Int, indent: Int) -> [String] {
    let margin = prefix { $0 == " " }
    var lines: [String] = []
    var line = String(margin)
    var isFresh = true
    for word in dropFirst(margin.count).split(separator: " ", omittingEmptySubsequences: false) {
      if !isFresh, line.columns + 1 + word.columns > width {
        lines.append(line)
        line = String(repeating: " ", count: indent) + word
      } else {
        line += (isFresh ? "" : " ") + word
      }
      isFresh = false
    }
    return lines + [line]
  }
}
