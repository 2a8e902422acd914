import Lowering

/// What lies where in memories whose bytes are used again, over the time of the run; and what makes up the peak.
struct MemoryMapChart {
  private let content: PageContent

  init(_ content: PageContent) { self.content = content }

  /// Nil if no memory is planned.
  var section: PageSection? {
    let parts = content.program.target.memories.indices.compactMap(part)
    guard !parts.isEmpty else { return nil }
    return PageSection(id: "memory", title: "Memory", body: .lines(parts + others))
  }

  private func allocations(_ memory: Int) -> [Program.Allocation] {
    content.program.allocations.filter { $0.span.memory == memory && $0.span.byteCount > 0 }
  }

  private func part(_ memory: Int) -> HTMLText? {
    let allocations = allocations(memory)
    guard !allocations.isEmpty, let peak = content.activity.live[memory].peakLayer else {
      return nil
    }
    let name = content.memory(memory).name
    return """
      <h3>\(name)</h3>
      <p>\(explanation(memory, peak, allocations))</p>
      <div class="lanes">
      \(map(memory, peak, allocations))
      \(liveLane(memory))
      \(TimelineChart.axis(content))
      </div>
      <ul class="legend"><li><i class="value"></i>values</li><li><i class="input"></i>inputs and states</li>\
      <li><i class="staged"></i>constants on their way</li><li><i class="line"></i>peak</li></ul>
      \(peakTable(peak, allocations))
      """
  }

  /// How much is used and why, and how far that is from the least that any plan could use.
  private func explanation(
    _ memory: Int, _ peak: Int, _ allocations: [Program.Allocation]
  ) -> HTMLText {
    let used = content.program.memories[memory]
    let count = allocations.count { $0.layers.contains(peak) }
    let distance =
      used.usedBytes <= used.lowerBound
      ? "which is the least possible"
      : "\(Figures.percent(Double(used.usedBytes) / Double(max(1, used.lowerBound)) - 1)) above "
        + "the least possible, \(Figures.bytes(used.lowerBound))"
    return """
      <b>\(Figures.bytes(used.usedBytes))</b> of \(Figures.bytes(used.byteCount)) are used, \(distance). \
      The peak is at layer \(LayerLinks.list([peak])): \(count) allocations with \
      \(Figures.bytes(content.activity.live[memory].bytes[peak])) are live there at once.
      """
  }

  private func span(_ layers: ClosedRange<Int>) -> (start: Double, width: Double) {
    let starts = content.activity.layerStarts
    let last = min(layers.upperBound + 1, starts.count - 1)
    let start = TimelineChart.x(Double(starts[min(layers.lowerBound, last)]), content)
    return (start, max(1, TimelineChart.x(Double(starts[last]), content) - start))
  }

  private func map(_ memory: Int, _ peak: Int, _ allocations: [Program.Allocation]) -> HTMLText {
    let height = 220.0
    let scale = height / Double(max(1, content.program.memories[memory].usedBytes))
    let boxes: [HTMLText] = allocations.map { allocation in
      let (x, width) = span(allocation.layers)
      let top = height - Double(allocation.span.range.upperBound) * scale
      let box = PathStep.box(x, top, width, Double(allocation.span.byteCount) * scale)
      return """
        <path\(style(allocation)) data-l="\(owner(allocation))" data-t="\(note(allocation))" d="\(.path([box]))"/>
        """
    }
    let (x, width) = span(peak...peak)
    let line = SVG.line("peak", x + width / 2, 0, x + width / 2, height)
    return TimelineChart.lane(
      "addresses", "to \(Figures.bytes(content.program.memories[memory].usedBytes))",
      SVG.strip(
        width: TimelineChart.width, height: height,
        label: "Addresses in use over time, \(allocations.count) allocations",
        kind: allocations.count > 300 ? "time framed map dense" : "time framed map",
        boxes + [line]))
  }

  /// The layer that computes a value or uses constants; of an input the first layer.
  private func owner(_ allocation: Program.Allocation) -> Int {
    let layers = allocation.layers.clamped(to: 0...content.program.layers.count - 1)
    return layers.first { content.program.layers[$0].name == allocation.name } ?? layers.lowerBound
  }

  /// The class of a box; values, which are most, need none.
  private func style(_ allocation: Program.Allocation) -> HTMLText {
    let kind = kind(allocation)
    return kind == "value" ? "" : " class=\"\(kind)\""
  }

  private func kind(_ allocation: Program.Allocation) -> String {
    if allocation.kind == .stagedConstants { return "staged" }
    return isInput(allocation) ? "input" : "value"
  }

  private func isInput(_ allocation: Program.Allocation) -> Bool {
    allocation.layers.lowerBound == 0
      && content.program.inputs.contains {
        $0.span == allocation.span && $0.name == allocation.name
      }
  }

  private func note(_ allocation: Program.Allocation) -> String {
    let layers = allocation.layers
    let life =
      layers.count == 1
      ? "layer \(layers.lowerBound)" : "layers \(layers.lowerBound) to \(layers.upperBound)"
    let what =
      kindText(allocation) + (isInput(allocation) ? " \(allocation.name.shortened(to: 36))" : "")
    return "\(what): \(Figures.bytes(allocation.span.byteCount)), \(life)"
  }

  private func liveLane(_ memory: Int) -> HTMLText {
    let height = 40.0
    let live = content.activity.live[memory].bytes
    let top = Double(max(1, live.max() ?? 1))
    let boxes: [HTMLText] = live.indices.compactMap { layer in
      let (x, width) = span(layer...layer)
      let tall = height * Double(live[layer]) / top
      guard content.profile.layers[layer].latencyCycles > 0 else { return nil }
      return """
        <path data-l="\(layer)" data-t="\(Figures.bytes(live[layer])) live" \
        d="\(.path([.box(x, height - tall, width, tall)]))"/>
        """
    }
    return TimelineChart.lane(
      "live bytes", "at most \(Figures.bytes(live.max() ?? 0))",
      SVG.strip(
        width: TimelineChart.width, height: height, label: "Bytes in use over time",
        kind: "time framed live", boxes))
  }

  /// What is live at the peak, the largest first.
  private func peakTable(_ peak: Int, _ allocations: [Program.Allocation]) -> HTMLText {
    let live = allocations.filter { $0.layers.contains(peak) }
      .sorted { ($1.span.byteCount, $0.span.address) < ($0.span.byteCount, $1.span.address) }
    let total = Double(max(1, live.reduce(0) { $0 + $1.span.byteCount }))
    let rows: [HTMLText] = live.prefix(12).map { allocation in
      """
      <tr><td\(LayerName.title(allocation.name))><i class="key \(kind(allocation))"></i>\
      <bdi>\(LayerName.short(allocation.name))</bdi></td><td>\(kindText(allocation))</td>\
      <td class="right">\(Figures.bytes(allocation.span.byteCount))</td>\
      \(SummarySection.bar(Double(allocation.span.byteCount) / total))\
      <td class="right">\(Figures.grouped(allocation.span.address))</td>\
      <td class="right">\(allocation.layers.lowerBound)–\(allocation.layers.upperBound)</td></tr>
      """
    }
    let rest: HTMLText =
      live.count > 12 ? "<p class=\"note\">and \(live.count - 12) smaller ones</p>" : ""
    return """
      <table class="small"><caption>Live at the peak</caption>\
      <thead><tr><th scope="col">what</th><th scope="col">kind</th><th scope="col" class="right">size</th>\
      <th scope="col">share</th><th scope="col" class="right">address</th>\
      <th scope="col" class="right">layers</th></tr></thead><tbody>\(rows)</tbody></table>\(rest)
      """
  }

  private func kindText(_ allocation: Program.Allocation) -> String {
    switch allocation.kind {
    case .stagedConstants: "constants"
    case .value: isInput(allocation) ? "input" : "value"
    }
  }

  /// Memories that hold constants only, for which there is nothing to draw.
  private var others: [HTMLText] {
    content.usedMemories.filter { allocations($0).isEmpty }.map { index in
      let memory = content.program.memories[index]
      return """
        <p><b>\(memory.name)</b>: \(Figures.bytes(memory.usedBytes)) of \(Figures.bytes(memory.byteCount)), \
        the same during the whole run.</p>
        """
    }
  }
}
