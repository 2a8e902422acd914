/// A difference for pull requests.
public enum DiffMarkdown {
  /// The first of layers are shown, the others folded away.
  private static let shownRows = 15

  private static let phrases = DiffPhrases(
    name: { Escaping.markdownCode($0) }, text: { Escaping.markdownCode($0) })

  /// A heading, what changed in the graph, and what that costs.
  public static func text(_ difference: Difference) -> String {
    let title = phrases.title([difference.before.name], [difference.after.name])
    guard difference.differs else { return "### \(title)\n\nNo differences.\n" }
    let lines =
      ["### \(title)"] + (difference.graph.map(graphLines) ?? [])
      + (difference.profile.map(profileLines) ?? [])
    return lines.joined(separator: "\n") + "\n"
  }

  private static func graphLines(_ diff: GraphDiff) -> [String] {
    guard !diff.isEmpty else { return ["", "The graph is the same."] }
    let rows = diff.changes.map { change in
      row([
        change.kinds.map(\.rawValue).joined(separator: ", "), phrases.title(change),
        phrases.operators(change.before.map(\.operator), change.after.map(\.operator)),
        phrases.details(change).joined(separator: "<br>"),
      ])
    }
    return ["", "\(phrases.summary(diff)).", ""]
      + folded(["| change | layer | operator | details |", "|---|---|---|---|"], rows)
  }

  private static func profileLines(_ diff: ProfileDiff) -> [String] {
    let target = diff.targets(phrases.name)
    guard !diff.isEmpty else { return ["", "On \(target): no differences."] }
    let totals = diff.changedTotals.map { figure in
      row([
        phrases.name(figure.name), DiffFigures.text(figure.name, figure.before),
        DiffFigures.text(figure.name, figure.after),
        DiffFigures.relative(figure.before, figure.after),
      ])
    }
    let header = ["| total | before | after | change |", "|---|--:|--:|--:|"]
    return ["", "On \(target):", ""]
      + (totals.isEmpty ? ["All totals are the same."] : header + totals)
      + layerLines(diff)
  }

  private static func layerLines(_ diff: ProfileDiff) -> [String] {
    guard !diff.layers.isEmpty else { return [] }
    let rows = diff.layers.map { layer in
      row([
        phrases.title(layer.before.map(\.name), layer.after.map(\.name)),
        phrases.operators(layer.before.map(\.operator), layer.after.map(\.operator)),
        layer.kinds.map(\.rawValue).joined(separator: ", "),
        layer.cyclesBefore.map(DiffFigures.grouped) ?? "",
        layer.cyclesAfter.map(DiffFigures.grouped) ?? "", DiffFigures.signed(layer.latencyChange),
        DiffFigures.relative(layer.cyclesBefore, layer.cyclesAfter),
        layer.notes.map(phrases.text).joined(separator: "<br>"),
      ])
    }
    return [""]
      + folded(
        [
          "| layer | operator | change | before | after | cycles | | |",
          "|---|---|---|--:|--:|--:|--:|---|",
        ], rows) + ["", "\(diff.unchangedLayers) other layers are as before."]
  }

  private static func row(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |" }

  /// The first rows, and all others behind a line to open.
  private static func folded(_ header: [String], _ rows: [String]) -> [String] {
    guard rows.count > shownRows else { return header + rows }
    let more = "<details><summary>\(rows.count - shownRows) more</summary>"
    return header + rows.prefix(shownRows) + ["", more, ""] + header + rows.dropFirst(shownRows)
      + ["", "</details>"]
  }
}
