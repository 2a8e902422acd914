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
    /// Whether the column is left out when that is not enough.
    public let isOptional: Bool

    /// - Parameters:
    ///   - isElastic: of a table the first such column gives way, down to 8 characters, then the next.
    ///   - isOptional: the last such column goes first.
    public init(
      _ title: String, _ alignment: Alignment = .left, isElastic: Bool = false,
      isOptional: Bool = false
    ) {
      self.title = Escaping.terminal(title)
      self.alignment = alignment
      self.isElastic = isElastic
      self.isOptional = isOptional
    }
  }

  private let columns: [Column]
  private var rows: [[String]] = []
  /// Positions in front of which a line is drawn.
  private var rules: Set<Int> = []

  /// A table with headings and no rows.
  public init(_ columns: [Column]) { self.columns = columns }

  /// Adds a row below the others. Control characters show as escapes.
  ///
  /// - Precondition: there is a cell for each column.
  public mutating func add(_ row: [String]) {
    precondition(row.count == columns.count, "a row has a cell for each column")
    rows.append(row.map(Escaping.terminal))
  }

  /// Draws a line below the rows there are, as over a total.
  public mutating func addRule() { rules.insert(rows.count) }

  /// The lines, none longer than `width` columns if elastic and optional columns can give way enough.
  public func lines(width: Int) -> [String] {
    let layout = layout(fitting: width)
    let rule = layout.map { String(repeating: "─", count: $0.width) }.joined(separator: "──")
    var lines = [line(columns.map(\.title), layout), rule]
    for (index, row) in rows.enumerated() {
      if rules.contains(index) { lines.append(rule) }
      lines.append(line(row, layout))
    }
    return lines
  }

  private func line(_ cells: [String], _ layout: [Place]) -> String {
    let padded = layout.map { place in
      pad(
        cells[place.column].elided(to: place.width), to: place.width,
        columns[place.column].alignment)
    }
    let text = padded.joined(separator: "  ")
    // Spaces at the end of a line would make golden files and diffs hard to read.
    return String(text.reversed().drop { $0 == " " }.reversed())
  }

  /// A column that is shown, and how wide.
  private typealias Place = (column: Int, width: Int)

  /// What an elastic column keeps.
  private static let leastWidth = 8

  private func layout(fitting width: Int) -> [Place] {
    var layout: [Place] = columns.indices.map { column in
      (column, ([columns[column].title] + rows.map { $0[column] }).map(\.columns).max() ?? 0)
    }
    while true {
      let excess = layout.map(\.width).reduce(0, +) + 2 * (layout.count - 1) - width
      if excess <= slack(layout) { return squeezed(layout, by: excess) }
      guard let spare = layout.lastIndex(where: { columns[$0.column].isOptional }) else {
        return squeezed(layout, by: excess)
      }
      layout.remove(at: spare)
    }
  }

  private func slack(_ place: Place) -> Int {
    columns[place.column].isElastic ? max(0, place.width - Self.leastWidth) : 0
  }

  private func slack(_ layout: [Place]) -> Int { layout.reduce(0) { $0 + slack($1) } }

  private func squeezed(_ layout: [Place], by excess: Int) -> [Place] {
    var excess = max(0, excess)
    return layout.map { place in
      let taken = min(excess, slack(place))
      excess -= taken
      return (place.column, place.width - taken)
    }
  }

  private func pad(_ cell: String, to width: Int, _ alignment: Alignment) -> String {
    let space = String(repeating: " ", count: max(0, width - cell.columns))
    return alignment == .left ? cell + space : space + cell
  }
}
