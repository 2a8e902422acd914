/// A difference for the terminal.
public struct DiffTable: Sendable {
  private let difference: Difference
  private let width: Int
  /// The biggest movers come first; what is beyond this is told by the other forms.
  private static let maximumRows = 50

  /// - Parameter width: of the terminal, in characters.
  public init(_ difference: Difference, width: Int = 80) {
    self.difference = difference
    self.width = width
  }

  private var phrases: DiffPhrases {
    DiffPhrases(
      name: { Escaping.shortened(Escaping.terminal($0), to: 44) }, text: { Escaping.terminal($0) })
  }

  /// What differs, or that nothing does.
  public var text: String {
    guard difference.differs else { return "\(heading): no differences\n" }
    let graph = difference.graph.map(graphLines) ?? []
    let profile = difference.profile.map(profileLines) ?? []
    return ([heading] + graph + profile).joined(separator: "\n") + "\n"
  }

  private var heading: String {
    phrases.title([difference.before.name], [difference.after.name])
  }

  private func graphLines(_ diff: GraphDiff) -> [String] {
    guard !diff.isEmpty else { return ["", "graph: no differences"] }
    let blocks = diff.changes.map { change in
      (change.kinds.map(\.rawValue).joined(separator: ", "), change)
    }
    let column = min(28, blocks.map(\.0.count).max() ?? 0) + 2
    return ["", "graph: \(phrases.summary(diff))", ""]
      + blocks.flatMap { kinds, change -> [String] in
        let operators = phrases.operators(
          change.before.map(\.operator), change.after.map(\.operator))
        let space = String(repeating: " ", count: max(2, column - kinds.count))
        return [
          "  \(kinds)\(space)\(phrases.title(change))\(operators.isEmpty ? "" : "  (\(operators))")"
        ]
          + phrases.details(change).map { String(repeating: " ", count: column + 2) + $0 }
      }
  }

  private func profileLines(_ diff: ProfileDiff) -> [String] {
    let heading = ["", "on \(diff.targets(phrases.name))"]
    guard !diff.isEmpty else { return [heading[0], "\(heading[1]): no differences"] }
    return heading + totalLines(diff) + layerLines(diff)
  }

  private func totalLines(_ diff: ProfileDiff) -> [String] {
    guard !diff.changedTotals.isEmpty else { return ["  all totals are the same"] }
    var table = TextTable([
      .init("total"), .init("before", .right), .init("after", .right), .init("change", .right),
    ])
    for figure in diff.changedTotals {
      table.add([
        figure.name, DiffFigures.text(figure.name, figure.before),
        DiffFigures.text(figure.name, figure.after),
        DiffFigures.relative(figure.before, figure.after),
      ])
    }
    return [""] + table.lines(width: width)
  }

  private func layerLines(_ diff: ProfileDiff) -> [String] {
    guard !diff.layers.isEmpty else { return [] }
    var table = TextTable([
      .init("layer", isElastic: true), .init("operator"), .init("change"), .init("before", .right),
      .init("after", .right), .init("cycles", .right), .init("", .right),
    ])
    for layer in diff.layers.prefix(Self.maximumRows) {
      let (old, new) = (layer.cyclesBefore, layer.cyclesAfter)
      table.add([
        phrases.title(layer.before.map(\.name), layer.after.map(\.name)),
        phrases.operators(layer.before.map(\.operator), layer.after.map(\.operator)),
        layer.kinds.prefix(2).map(\.rawValue).joined(separator: ", "),
        old.map(DiffFigures.grouped) ?? "", new.map(DiffFigures.grouped) ?? "",
        layer.latencyChange == 0 ? "" : DiffFigures.signed(layer.latencyChange),
        DiffFigures.relative(old, new) == "+0.00 %" ? "" : DiffFigures.relative(old, new),
      ])
    }
    let more = diff.layers.count - Self.maximumRows
    return [""] + table.lines(width: width)
      + (more > 0 ? ["and \(more) more, which `--json`, `--markdown` and `--html` show"] : [])
      + [
        "\(diff.unchangedLayers) \(diff.unchangedLayers == 1 ? "layer is" : "layers are") as before"
      ]
  }
}
