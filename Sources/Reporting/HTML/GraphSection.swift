import Foundation

/// The layers as a list with rails that lead from each result to those who read it, in blocks that fold.
struct GraphSection {
  private let content: PageContent
  private let rails: Rails
  private let blocks: [LayerBlock]
  /// Of the time, the share of the costliest block, whose bar is the longest.
  private let largest: Double

  init(_ content: PageContent) {
    self.content = content
    rails = Rails(content.edges.producers)
    blocks = LayerBlock.all(content.program.layers.map(\.name), content.edges.producers)
    let cycles = blocks.map {
      $0.layers.reduce(0) { $0 + content.profile.layers[$1].latencyCycles }
    }
    largest = Double(cycles.max() ?? 0) / content.cycles
  }

  /// Nil for a program without layers.
  var section: PageSection? {
    guard !blocks.isEmpty else { return nil }
    let rows = blocks.enumerated().flatMap(rows)
    let body: HTMLText = """
      <div class="tools control"><button type="button" data-tree="open">Unfold all</button>\
      <button type="button" data-tree="fold">Fold all</button>
      \(heatChoice)\(legends)</div>
      <div class="scroll"><ul id="tree" class="plain" style="\(rails.style)" aria-label="Layers and their operands">
      \(.lines(rows))
      </ul></div>
      """
    return PageSection(id: "graph", title: "Graph", body: body)
  }

  private func rows(_ position: Int, _ block: LayerBlock) -> [HTMLText] {
    guard block.layers.count > 1 else { return [row(block.layers.lowerBound, in: nil)] }
    let members = block.layers.map { row($0, in: position) }
    guard startsFolded else { return [header(position, block)] + members }
    // Where scripts run, this is text until the block is unfolded, which keeps large pages quick to open.
    return [header(position, block), "<noscript>\(.lines(members))</noscript>"]
  }

  /// Hundreds of layers are more than one wants to see at first.
  private var startsFolded: Bool { content.program.layers.count > 150 }

  /// The layer that the tabulator leads to; nil if all are folded away.
  private var firstSeen: Int? {
    startsFolded ? blocks.first { $0.layers.count == 1 }?.layers.lowerBound : 0
  }

  /// From what share of the time on a layer has each of the five colors: in multiples of the mean.
  private var steps: [Double] {
    [0, 0.5, 1, 2, 4].map { $0 / Double(max(1, content.program.layers.count)) }
  }

  private func heat(_ share: Double) -> Int { steps.lastIndex { share >= $0 } ?? 0 }

  /// Where errors are known, one may have these as colors.
  private var heatChoice: HTMLText {
    guard content.accuracy != nil else { return "" }
    return """
      <span class="tools" role="group" aria-label="What colors mean">\
      <button type="button" data-heat="0" aria-pressed="true">Time</button>\
      <button type="button" data-heat="1" aria-pressed="false">Error</button></span>
      """
  }

  private var legends: HTMLText {
    let shares: [String] = steps.enumerated().map { level, share in
      level == 0 ? "less" : "from \(Figures.percent(share))"
    }
    let time = legend("share of the time", shares, isHidden: false)
    guard let accuracy = content.accuracy else { return time }
    let errors = Self.errorSteps.map { "below \(Int($0))" }
    return "\(time)\(legend(accuracy.title, ["more, or none"] + errors, isHidden: true))"
  }

  private func legend(_ title: String, _ levels: [String], isHidden: Bool) -> HTMLText {
    let items: [HTMLText] = levels.enumerated().map { level, text in
      "<li><i class=\"heat-\(level)\"></i>\(text)</li>"
    }
    let hidden: HTMLText = isHidden ? " hidden" : ""
    return """
      <ul class="legend heats"\(hidden)><li>\(title)</li>\(items)</ul>
      """
  }

  /// Decibels of signal to noise below which a layer has each of the colors behind the first.
  private static let errorSteps = [40.0, 30, 20, 10]

  /// The colors of layers by time and by error, among which the script chooses; of a block's errors the largest.
  private func heats(_ share: Double, _ layers: ClosedRange<Int>) -> HTMLText {
    guard let accuracy = content.accuracy else { return "" }
    let worst = layers.compactMap { accuracy.values[checked: $0] ?? nil }.min()
    let error = worst.map { worst in Self.errorSteps.count { worst < $0 } } ?? 0
    return " data-heats=\"\(heat(share)) \(error)\""
  }

  private func row(_ index: Int, in block: Int?) -> HTMLText {
    let layer = content.profile.layers[index]
    // The script makes all others reachable, one at a time.
    let reachable: HTMLText = index == firstSeen ? " tabindex=\"0\"" : ""
    let member: HTMLText = block.map { " data-block=\"\($0)\"" } ?? ""
    let share = content.share(layer)
    return """
      <li class="node" data-l="\(index)"\(reachable)\(member)\(heats(share, index...index))>\
      \(rails.drawing(index, heat: heat(share)))\
      <span class="number">\(index)</span>\
      <bdi class="label"\(LayerName.title(layer.name))>\(LayerName.short(layer.name))</bdi>\
      <span class="kind">\(layer.operator)</span><span class="from">\(operands(index))</span>\
      \(cost(share, layer.latencyCycles))</li>
      """
  }

  private func cost(_ share: Double, _ cycles: Int) -> HTMLText {
    let width = largest > 0 ? share / largest * 100 : 0
    return """
      <span class="cost heat-\(heat(share))" style="--part:\(.number(width))%"></span>\
      <span class="right">\(Figures.grouped(cycles))</span>
      """
  }

  /// Where operands come from that do not come from the layer above.
  private func operands(_ index: Int) -> HTMLText {
    let far = content.edges.producers[index].filter { $0 != index - 1 }
    var text: HTMLText = far.isEmpty ? "" : "from \(LayerLinks.list(far, limit: 4))"
    if content.edges.readsInput[index] { text += " from input" }
    return text
  }

  private func header(_ position: Int, _ block: LayerBlock) -> HTMLText {
    let cycles = block.layers.reduce(0) { $0 + content.profile.layers[$1].latencyCycles }
    let share = Double(cycles) / content.cycles
    let folded = rails.drawing(
      folded: block.layers, after: position > 0 ? blocks[position - 1].layers : nil,
      before: blocks[checked: position + 1]?.layers, heat: heat(share))
    let range = "\(block.layers.lowerBound)–\(block.layers.upperBound)"
    return """
      <li class="node block\(startsFolded ? " shut" : "")" data-head="\(position)" \
      data-first="\(block.layers.lowerBound)" data-last="\(block.layers.upperBound)"\(heats(share, block.layers))>\
      \(folded)\(rails.passage(before: block.layers.lowerBound))\
      <button type="button" class="fold" aria-expanded="\(startsFolded ? "false" : "true")" aria-label="Block \(block.name.shortened(to: 60)), layers \(range)">\
      <span class="number">\(range)</span></button>\
      <bdi class="label"\(LayerName.title(block.name))>\(LayerName.short(block.name))</bdi>\
      <span class="kind">\(block.layers.count) layers</span><span class="from"></span>\
      \(cost(share, cycles))</li>
      """
  }
}
