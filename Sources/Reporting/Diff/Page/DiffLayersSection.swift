/// Layers side by side, the biggest movers first.
struct DiffLayersSection {
  private let diff: ProfileDiff
  /// What changed in the graph, by the names of layers.
  private let changesByName: [String: [GraphDiff.Change]]
  private let longest: Double

  /// - Parameter graph: nil where profiles were compared, which do not hold graphs.
  init(_ diff: ProfileDiff, _ graph: GraphDiff?) {
    self.diff = diff
    changesByName = (graph?.changes ?? []).reduce(into: [:]) { changes, change in
      for name in Set((change.before + change.after).map(\.name)) where !name.isEmpty {
        changes[name, default: []].append(change)
      }
    }
    longest = diff.layers.flatMap { [$0.cyclesBefore ?? 0, $0.cyclesAfter ?? 0] }.max() ?? 0
  }

  /// Nil if no layer differs.
  var section: PageSection? {
    guard !diff.layers.isEmpty else { return nil }
    let body: HTMLText = """
      \(DiffMark.filters(of: "movers", diff.layers.map { $0.kinds.map(\.rawValue) }, "layers"))
      <div class="scroll"><table class="sides rows" id="movers">
      <caption class="unseen">Layers that differ, the largest change of cycles first. Arrow keys move from row to row.</caption>
      <thead><tr><th scope="col">change</th><th scope="col">before</th><th scope="col" class="right">cycles</th>\
      <th scope="col" class="middle">before | after</th><th scope="col">cycles</th><th scope="col">after</th>\
      <th scope="col" class="right">difference</th><th scope="col">what else differs</th></tr></thead>
      <tbody>
      \(.lines(diff.layers.enumerated().map(row)))
      </tbody></table></div>
      <p class="note">\(diff.unchangedLayers) other layers are as before.</p>
      """
    return PageSection(id: "layers", title: "Layers", body: body)
  }

  private func row(_ position: Int, _ layer: ProfileDiff.LayerChange) -> HTMLText {
    let kinds = layer.kinds.map(\.rawValue)
    let (before, after) = (layer.cyclesBefore, layer.cyclesAfter)
    let notes: [HTMLText] = notes(layer).map { "<li>\($0)</li>" }
    let list: HTMLText = notes.isEmpty ? "" : "<ul class=\"plain\">\(notes)</ul>"
    return """
      <tr class="\(kinds.first ?? "")" data-kinds="\(kinds.joined(separator: " "))" \
      tabindex="\(position == 0 ? 0 : -1)"><td>\(DiffMark.tags(kinds))</td>\
      <td class="names">\(side(layer.before))</td><td class="right">\(before.map(DiffFigures.grouped) ?? "")</td>\
      \(DiffMark.pair(before, after, of: longest))\
      <td>\(after.map(DiffFigures.grouped) ?? "")</td><td class="names">\(side(layer.after))</td>\
      <td class="right \(style(layer))">\(difference(layer))</td><td class="notes">\(list)</td></tr>
      """
  }

  private func style(_ layer: ProfileDiff.LayerChange) -> String {
    layer.latencyChange == 0 ? "same" : layer.latencyChange < 0 ? "better" : "worse"
  }

  private func difference(_ layer: ProfileDiff.LayerChange) -> HTMLText {
    guard layer.latencyChange != 0 else { return "" }
    let relative = DiffFigures.relative(layer.cyclesBefore, layer.cyclesAfter)
    return "\(DiffFigures.signed(layer.latencyChange))<small>\(relative)</small>"
  }

  private func side(_ layers: [ProfileDiff.Layer]) -> HTMLText {
    .joined(
      layers.map {
        """
        <div><bdi\(LayerName.title($0.name))>\(LayerName.short($0.name))</bdi>\
        <small>\($0.operator.shortened(to: 60)), <i class="key \($0.engine.shortened(to: 24))"></i>\
        \($0.engine.shortened(to: 24)), \($0.bound.shortened(to: 24))</small></div>
        """
      }, "")
  }

  /// What the profile says, and then what changed in the graph: attributes, quantization, weights.
  private func notes(_ layer: ProfileDiff.LayerChange) -> [String] {
    let names = (layer.before + layer.after).map(\.name)
    var seen: Set<GraphDiff.Change> = []
    let changes = names.flatMap { changesByName[$0] ?? [] }.filter { seen.insert($0).inserted }
    let details = changes.flatMap(DiffPhrases.plain.details)
    let rest = details.count > 6 ? ["and \(details.count - 6) more in the graph"] : []
    return layer.notes + details.prefix(6) + rest
  }
}
