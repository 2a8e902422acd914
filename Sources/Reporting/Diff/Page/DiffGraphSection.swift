/// What changed in the graph, in the order of the second one.
struct DiffGraphSection {
  private let diff: GraphDiff

  init(_ diff: GraphDiff) { self.diff = diff }

  /// Nil if the graphs are equal.
  var section: PageSection? {
    guard !diff.isEmpty else { return nil }
    let body: HTMLText = """
      <p>\(DiffPhrases.plain.summary(diff)).</p>
      \(DiffMark.filters(of: "changes", diff.changes.map { $0.kinds.map(\.rawValue) }, "changes"))
      <div class="scroll"><table class="sides rows" id="changes">
      <caption class="unseen">Changes of the graph. Arrow keys move from row to row.</caption>
      <thead><tr><th scope="col">change</th><th scope="col">before</th><th scope="col">after</th>\
      <th scope="col">what differs</th></tr></thead>
      <tbody>
      \(.lines(diff.changes.enumerated().map(row)))
      </tbody></table></div>
      """
    return PageSection(id: "graph", title: "Graph", body: body)
  }

  private func row(_ position: Int, _ change: GraphDiff.Change) -> HTMLText {
    let kinds = change.kinds.map(\.rawValue)
    let details: [HTMLText] = DiffPhrases.plain.details(change).map { "<li>\($0)</li>" }
    let list: HTMLText = details.isEmpty ? "" : "<ul class=\"plain\">\(details)</ul>"
    return """
      <tr class="\(kinds.first ?? "")" data-kinds="\(kinds.joined(separator: " "))" \
      tabindex="\(position == 0 ? 0 : -1)"><td>\(DiffMark.tags(kinds))</td>\
      <td class="names">\(side(change.before, change.part))</td>\
      <td class="names">\(side(change.after, change.part))</td><td class="notes">\(list)</td></tr>
      """
  }

  private func side(_ layers: [GraphDiff.Layer], _ part: GraphDiff.Part) -> HTMLText {
    .joined(
      layers.map {
        """
        <div><bdi\(LayerName.title($0.name))>\(LayerName.short($0.name))</bdi>\
        <small>\(($0.operator ?? part.rawValue).shortened(to: 60))</small></div>
        """
      }, "")
  }
}
