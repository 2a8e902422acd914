/// Time, memory and traffic of both runs.
struct DiffTotalsSection {
  private let diff: ProfileDiff

  init(_ diff: ProfileDiff) { self.diff = diff }

  /// Nil for profiles without figures.
  var section: PageSection? {
    guard !diff.totals.isEmpty else { return nil }
    let body: HTMLText = """
      <div class="scroll"><table class="sides">
      <thead><tr><th scope="col">figure</th><th scope="col" class="right">before</th>\
      <th scope="col" class="middle">before | after</th><th scope="col">after</th>\
      <th scope="col" class="right">change</th></tr></thead>
      <tbody>
      \(.lines(diff.totals.map(row)))
      </tbody></table></div>
      """
    return PageSection(id: "totals", title: "Memory and totals", body: body)
  }

  /// Each figure has a scale of its own.
  private func row(_ figure: ProfileDiff.Figure) -> HTMLText {
    let style = DiffMark.style(figure.name, figure.before, figure.after)
    let isSame = figure.before == figure.after
    let change = isSame ? "" : DiffFigures.relative(figure.before, figure.after)
    return """
      <tr class="\(isSame ? "unchanged" : "changed")"><th scope="row">\(DiffFigures.title(figure.name))</th>\
      <td class="right">\(DiffFigures.text(figure.name, figure.before))</td>\
      \(DiffMark.pair(figure.before, figure.after, of: max(figure.before ?? 0, figure.after ?? 0)))\
      <td>\(DiffFigures.text(figure.name, figure.after))</td>\
      <td class="right \(style)">\(change)</td></tr>
      """
  }
}
