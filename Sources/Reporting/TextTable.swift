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
    rows.append(row)
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
      ([columns[column].title] + rows.map { $0[column] }).map(\.count).max() ?? 0
    }
    let excess = widths.reduce(0, +) + 2 * (columns.count - 1) - width
    if excess > 0, let elastic = columns.firstIndex(where: \.isElastic) {
      widths[elastic] = max(8, widths[elastic] - excess)
    }
    return widths
  }

  private func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - cell.count))
    return alignment == .left ? cell + space : space + cell
  }

  /// The end of a name tells more than its beginning.
  private func shortened(_ cell: String, to width: Int) -> String {
    cell.count <= width ? cell : "…" + cell.suffix(width - 1)
  }
}
