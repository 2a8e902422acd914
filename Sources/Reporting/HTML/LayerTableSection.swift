import Lowering

/// All layers with all figures, to sort and to filter; what is chosen here is shown everywhere.
struct LayerTableSection {
  private let content: PageContent

  init(_ content: PageContent) { self.content = content }

  private var layers: [Profile.Layer] { content.profile.layers }

  var section: PageSection {
    let rows = layers.indices.map(row)
    let body: HTMLText = """
      \(filters)
      <div class="scroll" tabindex="-1">
      <table id="table"\(brief)>
      <caption class="unseen">Layers in the order of the program. Arrow keys move from row to row.</caption>
      <thead><tr>\(columns.map(\.heading))</tr></thead>
      <tbody>
      \(.lines(rows))
      </tbody>
      <tfoot>\(total)</tfoot>
      </table>
      </div>
      """
    return PageSection(id: "layers", title: "Layers", body: body)
  }

  private struct Column {
    let title: String
    /// By which the script finds the numbers to sort by.
    let key: String
    let isNumber: Bool

    init(_ title: String, _ key: String, isNumber: Bool = false) {
      self.title = title
      self.key = key
      self.isNumber = isNumber
    }

    var heading: HTMLText {
      let style = isNumber ? "right" : "left"
      return """
        <th scope="col" class="\(style)" data-key="\(key)"\(ascending)>\
        <button type="button" class="sort">\(title.shortened(to: 24))</button></th>
        """
    }

    /// Rows come in the order of the program.
    private var ascending: HTMLText { key == "index" ? " aria-sort=\"ascending\"" : "" }
  }

  private var columns: [Column] {
    let memories = content.usedMemories.enumerated().map { position, memory in
      Column(content.memory(memory).name, "memory-\(position)", isNumber: true)
    }
    let accuracy = content.accuracy.map { [Column($0.title, "accuracy", isNumber: true)] } ?? []
    return [
      Column("#", "index", isNumber: true), Column("layer", "name"), Column("operator", "operator"),
      Column("engine", "engine"), Column("cycles", "cycles", isNumber: true),
      Column("share", "cycles"), Column("MACs", "macs", isNumber: true),
      Column("util", "util", isNumber: true), Column("bound", "bound"),
    ] + memories + accuracy
  }

  /// Of hundreds of layers, as many rows as the table's box has room for and a few more are drawn when a page opens; the
  /// script draws the rest when there is time, or when somebody looks for them.
  private static let firstRows = 50

  private func isLate(_ index: Int) -> Bool { index >= Self.firstRows && layers.count > 150 }

  /// How many rows leave their place empty until they are drawn.
  private var brief: HTMLText {
    let count = layers.indices.count(where: isLate)
    return count == 0 ? "" : " class=\"brief\" style=\"--late:\(count)\""
  }

  private func row(_ index: Int) -> HTMLText {
    let layer = layers[index]
    let memories: [HTMLText] = content.usedMemories.map {
      "<td>\(Figures.shortBytes(content.traffic(layer, $0).sum))</td>"
    }
    let late: HTMLText = isLate(index) ? " class=\"late\"" : ""
    let utilization = layer.macs == 0 ? "" : Figures.percent(layer.utilization)
    // The script makes all others reachable, one at a time.
    let reachable: HTMLText = index == 0 ? " tabindex=\"0\"" : ""
    return """
      <tr data-l="\(index)"\(reachable)\(late)\(details(index))>\
      <td class="number">\(index)</td>\
      <th scope="row"\(LayerName.title(layer.name))><bdi>\(LayerName.short(layer.name))</bdi></th>\
      <td class="left">\(layer.operator)</td><td class="keyed \(layer.engine)">\(layer.engine)</td>\
      <td>\(Figures.grouped(layer.latencyCycles))</td>\
      \(content.bar(layer))\
      <td>\(layer.macs == 0 ? "" : Figures.scaled(layer.macs))</td>\
      <td>\(utilization)</td><td class="left">\(content.bound(index))</td>\
      \(memories)\(accuracy(index))</tr>
      """
  }

  private func accuracy(_ index: Int) -> HTMLText {
    guard let accuracy = content.accuracy else { return "" }
    let value = (accuracy.values[checked: index] ?? nil).flatMap { SVG.decimal($0, places: 2) }
    return "<td>\(value ?? "")</td>"
  }

  /// What the foot of the window says about the chosen layer beside what stands in its row.
  private func details(_ index: Int) -> HTMLText {
    let layer = layers[index]
    let sources = layer.sources.prefix(8).map { "\($0.operator) \($0.index)" }
    let more = layer.sources.count > 8 ? " and \(layer.sources.count - 8) more" : ""
    let from: HTMLText =
      sources.isEmpty
      ? "" : " data-from=\"\(sources.joined(separator: ", ").shortened(to: 300))\(more)\""
    let tiling = content.program.layers[checked: index]?.tiling.map(text)
    let cut: HTMLText = tiling.map { " data-cut=\"\($0)\"" } ?? ""
    let host: HTMLText = layer.hostReason.map { " data-host=\"\($0.shortened(to: 200))\"" } ?? ""
    return "\(from)\(cut)\(host)"
  }

  private func text(_ tiling: Tiling) -> String {
    let block = tiling.block
    return "\(Figures.grouped(tiling.blockCount)) × \(block.height)×\(block.width)×\(block.depth)"
  }

  private var total: HTMLText {
    let totals = content.profile.totals
    let memories: [HTMLText] = content.usedMemories.map {
      let traffic = totals.trafficBytes[content.memory($0).name]?.sum ?? 0
      return "<td>\(Figures.shortBytes(traffic))</td>"
    }
    let accuracy: HTMLText = content.accuracy == nil ? "" : "<td></td>"
    return """
      <tr><td></td><th scope="row">total</th><td></td><td></td>\
      <td>\(Figures.grouped(totals.latencyCycles))</td><td></td>\
      <td>\(Figures.scaled(totals.macs))</td>\
      <td>\(Figures.percent(totals.utilization))</td><td></td>\(memories)\
      \(accuracy)</tr>
      """
  }

  private var filters: HTMLText {
    """
    <div class="tools control">
    <input type="search" id="search" placeholder="Filter by name or operator" \
    aria-label="Filter layers by name or operator">
    \(choice("engine", unique(layers.map(\.engine))))
    \(choice("bound", unique(layers.indices.map(content.bound))))
    <output id="count" aria-live="polite">\(layers.count) layers</output>
    </div>
    """
  }

  private func choice(_ key: String, _ options: [String]) -> HTMLText {
    let items: [HTMLText] = options.map { "<option>\($0)</option>" }
    return """
      <select id="by-\(key)" aria-label="Filter layers by \(key)">\
      <option value="">any \(key)</option>\(items)</select>
      """
  }

  private func unique(_ names: [String]) -> [String] { Set(names).sorted() }
}
