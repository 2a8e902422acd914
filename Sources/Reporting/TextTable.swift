/// Rows of text in columns, for a terminal.
public struct TextTable: Sendable {
  /// Where cells stand in a column that is wider.
  public enum Alignment: Sendable { case left, right }

  /// A column with its heading.
  public struct Column: Sendable {
    /// The heading, which may make the column wider than its cells do.
    public let title: String
    /// Of the heading and all cells; numbers go to the right.
    public let alignment: Alignment
    /// Whether the column gives way when the table is wider than the terminal.
    public let isElastic: Bool

    /// - Parameter isElastic: of a table the first such column gives way, down to 8 characters.
    public init(_ title: String, _ alignment: Alignment = .left, isElastic: Bool = false) {
      self.title = title
      self.alignment = alignment
      self.isElastic = isElastic
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  /// Positions in front of which a line is drawn.
  private var rules: Set<Int> = []

  /// A table with headings and no rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row below the others.
  ///
  /// - Precondition: there is a cell for each column.
  public mutating func add(_ row: [String]) {
    precondition(row.count == columns.count, "a row has a cell for each column")
    rows.append(row.map(\.printable))
  }

  /// Draws a line below the rows there are, as over a total.
  public mutating func addRule() { rules.insert(rows.count) }

  /// The lines, none longer than `width` characters if elastic columns can give way enough.
  public func lines(width: Int) -> [String] {
    let widths = widths(fitting: width)
    let header = line(columns.map(\.title), widths)
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "──")
    var lines = [header, rule]
    for (index, row) in rows.enumerated() {
      if rules.contains(index) { lines.append(rule) }
      lines.append(line(row, widths))
    }
    return lines
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    let padded = zip(zip(cells, widths), columns).map { cell, column in
      pad(shortened(cell.0, to: cell.1), to: cell.1, column.alignment)
    }
    let text = padded.joined(separator: "  ")
    // Spaces at the end of a line would make golden files and diffs hard to read.
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  private func widths(fitting width: Int) -> [Int] {
    var widths = columns.indices.map { column in
      ([columns[column].title] + rows.map { $0[column] }).map(\.columns).max() ?? 0
    }
    let excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
    if excess > 0, let elastic = columns.firstIndex(where: \.isElastic) {
      widths[elastic] = max(5, widths[elastic] - excess)
    }
    return widths
  }

  private func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - cell.columns))
    return alignment == .left ? cell + space : space + cell
  }

  /// The end of a name tells more than its beginning.
  private func shortened(_ cell: String, to width: Int) -> String {
    guard cell.columns > width else { return cell }
    var end = cell[...]
    while end.columns > width - 1 { end.removeFirst() }
    return "…" + end
  }
}

extension String {
  /// Without line feeds and other control characters, which names in files from strangers may have.
  fileprivate var printable: String {
    String(
      map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? "�" : $0 })
  }
}

extension StringProtocol {
  /// The columns that the text takes in a terminal.
  fileprivate var columns: Int { reduce(0) { $0 + $1.columns } }
}

extension Character {
  /// Two for emoji and for the scripts of East Asia (Unicode Standard Annex 11), else one.
  fileprivate var columns: Int {
    let isWide = unicodeScalars.contains { scalar in
      scalar.properties.isEmojiPresentation
        || Self.wide.contains { $0.contains(scalar.value) }
    }
    return isWide ? 2 : 1
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2e80...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f,
    0xff00...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd,
  ]
}
