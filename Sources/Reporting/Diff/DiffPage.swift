import Foundation

/// A difference as one page of HTML that needs nothing else: before on the left, after on the right.
public enum DiffPage {
  private static let phrases = DiffPhrases(
    name: { "<b>\(Escaping.markup(Escaping.shortened($0, to: 200)))</b>" },
    text: { Escaping.markup($0) })

  /// The whole page.
  public static func text(_ difference: Difference) -> String {
    let names = [difference.before.name, difference.after.name].map { Escaping.markup($0) }
    let title = names[0] == names[1] ? names[0] : names.joined(separator: " → ")
    let parts =
      difference.differs
      ? [difference.graph.map(graphSection) ?? "", difference.profile.map(profileSection) ?? ""]
      : ["<p>No differences.</p>"]
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <title>\(title): differences</title>
      <style>
      \(style)
      </style>
      </head>
      <body>
      <h1>\(title)</h1>
      <table class="files"><tr><th scope="row">before</th>\(cells(difference.before))</tr>
      <tr><th scope="row">after</th>\(cells(difference.after))</tr></table>
      \(parts.joined(separator: "\n"))
      </body>
      </html>

      """
  }

  private static func cells(_ model: Profile.ModelReference) -> String {
    "<td>\(Escaping.markup(model.name))</td><td>\(Escaping.markup(model.format))</td>"
      + "<td class=\"digest\">\(Escaping.markup(model.sha256))</td>"
  }

  // MARK: - The graph

  private static func graphSection(_ diff: GraphDiff) -> String {
    guard !diff.isEmpty else { return "<h2>Graph</h2><p>No differences.</p>" }
    let rows = diff.changes.map { change in
      let details = phrases.details(change).map { "<li>\($0)</li>" }.joined()
      return """
        <tr class="\(rowClass(change.kinds.first?.rawValue))"><td>\(tags(change.kinds.map(\.rawValue)))</td>
        <td>\(side(change.before, change.part))</td><td>\(side(change.after, change.part))</td>
        <td>\(details.isEmpty ? "" : "<ul>\(details)</ul>")</td></tr>
        """
    }
    return """
      <h2>Graph</h2>
      <p>\(phrases.summary(diff))</p>
      <table class="changes"><thead><tr><th>change</th><th>before</th><th>after</th><th>what differs</th></tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table>
      """
  }

  private static func side(_ layers: [GraphDiff.Layer], _ part: GraphDiff.Part) -> String {
    layers.map { layer in
      let kind = layer.operator ?? part.rawValue
      return "<div>\(phrases.name(layer.name)) <i>\(Escaping.markup(kind))</i></div>"
    }.joined()
  }

  private static func tags(_ kinds: [String]) -> String {
    kinds.map { "<span class=\"tag\">\(Escaping.markup($0))</span>" }.joined(separator: " ")
  }

  private static func rowClass(_ kind: String?) -> String {
    ["added", "removed"].first { $0 == kind } ?? "changed"
  }

  // MARK: - The profile

  private static func profileSection(_ diff: ProfileDiff) -> String {
    let heading = "<h2>Profile on \(diff.targets { Escaping.markup($0) })</h2>"
    guard !diff.isEmpty else { return heading + "<p>No differences.</p>" }
    return [heading, totals(diff), layers(diff)].joined(separator: "\n")
  }

  private static func totals(_ diff: ProfileDiff) -> String {
    let rows = diff.totals.map { figure in
      let isChanged = figure.before != figure.after
      let cells = [
        DiffFigures.text(figure.name, figure.before), DiffFigures.text(figure.name, figure.after),
        isChanged ? DiffFigures.relative(figure.before, figure.after) : "",
      ].map { "<td class=\"number\">\($0)</td>" }.joined()
      let name = Escaping.markup(figure.name)
      return
        "<tr class=\"\(isChanged ? "changed" : "same")\"><th scope=\"row\">\(name)</th>\(cells)</tr>"
    }
    return """
      <table><thead><tr><th>total</th><th>before</th><th>after</th><th>change</th></tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table>
      """
  }

  private static func layers(_ diff: ProfileDiff) -> String {
    guard !diff.layers.isEmpty else { return "" }
    let longest = diff.layers.flatMap { [$0.cyclesBefore ?? 0, $0.cyclesAfter ?? 0] }.max() ?? 0
    let rows = diff.layers.map { layer in
      """
      <tr class="\(rowClass(layer.kinds.first?.rawValue))"><td>\(tags(layer.kinds.map(\.rawValue)))</td>
      <td>\(side(layer.before))</td>\(cycles(layer.cyclesBefore, longest))
      <td>\(side(layer.after))</td>\(cycles(layer.cyclesAfter, longest))
      <td class="number">\(DiffFigures.signed(layer.latencyChange)) \
      \(DiffFigures.relative(layer.cyclesBefore, layer.cyclesAfter))</td>
      <td>\(layer.notes.map { Escaping.markup($0) }.joined(separator: "<br>"))</td></tr>
      """
    }
    return """
      <table class="changes"><thead><tr><th>change</th><th>before</th><th>cycles</th><th>after</th>\
      <th>cycles</th><th>difference</th><th>why</th></tr></thead><tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table>
      <p>\(diff.unchangedLayers) other layers are as before.</p>
      """
  }

  private static func side(_ layers: [ProfileDiff.Layer]) -> String {
    layers.map { "<div>\(phrases.name($0.name)) <i>\(Escaping.markup($0.operator))</i></div>" }
      .joined()
  }

  /// The figure over a bar, whose full width is that of the longest layer.
  private static func cycles(_ value: Double?, _ longest: Double) -> String {
    guard let value else { return "<td></td>" }
    let share = longest > 0 ? max(0, min(100, value / longest * 100)) : 0
    let bar = String(format: "<span class=\"bar\" style=\"width:%.1f%%\"></span>", share)
    return "<td class=\"number\">\(DiffFigures.grouped(value))\(bar)</td>"
  }

  private static let style = """
    :root { color-scheme: light dark; --line: #8884; --accent: #2a6fb0; --added: #2a6fb01c; --removed: #b0562a1c; }
    @media (prefers-color-scheme: dark) { :root { --accent: #7db4e6; } }
    body { font: 14px/1.5 system-ui, sans-serif; max-width: 90rem; margin: 2rem auto; padding: 0 1.5rem; }
    h1 { font-size: 1.4rem; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .8rem 0; }
    table.changes { width: 100%; }
    th { text-align: left; font-weight: 500; opacity: .75; } tbody th, table.files th { opacity: 1; }
    th, td { padding: .3rem .8rem .3rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
    td { overflow-wrap: anywhere; } td.number { text-align: right; white-space: nowrap; }
    td.digest { font: 12px ui-monospace, monospace; opacity: .7; }
    b { font-weight: 600; } i { font-style: normal; opacity: .65; } ul { margin: 0; padding-left: 1.1rem; }
    tr.same { opacity: .55; } tr.added td { background: var(--added); } tr.removed td { background: var(--removed); }
    .tag { border: 1px solid var(--line); border-radius: 3px; padding: 0 .35rem; white-space: nowrap; }
    .bar { display: block; height: 3px; margin-left: auto; background: var(--accent); }
    @media print { body { margin: 0; max-width: none; } tr { break-inside: avoid; } }
    """
}
