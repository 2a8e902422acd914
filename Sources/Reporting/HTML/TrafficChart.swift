/// The bytes that pass through the port of each memory, in all and by layer.
struct TrafficChart {
  private let content: PageContent

  init(_ content: PageContent) { self.content = content }

  private var layers: [Profile.Layer] { content.profile.layers }

  /// Nil if no memory is used.
  var section: PageSection? {
    guard !content.usedMemories.isEmpty else { return nil }
    let body: HTMLText = """
      \(totals)
      <div class="lanes">
      \(.lines(content.usedMemories.map(lane)))
      \(axis)
      </div>
      <ul class="legend"><li><i class="reads"></i>read, upwards</li><li><i class="writes"></i>written, downwards</li></ul>
      """
    return PageSection(id: "traffic", title: "Traffic", body: body)
  }

  private func total(_ memory: Int) -> Profile.Traffic {
    content.profile.totals.trafficBytes[content.memory(memory).name]
      ?? Profile.Traffic(read: 0, write: 0)
  }

  private var totals: HTMLText {
    let rows: [HTMLText] = content.usedMemories.map { index in
      let (memory, traffic) = (content.memory(index), total(index))
      let busy = Double(traffic.sum) / memory.bytesPerCycle / content.cycles
      return """
        <tr><td><i class="key memory-\(index % 3)"></i>\(memory.name)</td>\
        <td class="right">\(Figures.bytes(traffic.read))</td><td class="right">\(Figures.bytes(traffic.write))</td>\
        <td class="right">\(SVG.decimal(memory.bytesPerCycle, places: 2) ?? "")</td>\
        \(SummarySection.bar(busy))</tr>
        """
    }
    return """
      <table class="small"><thead><tr><th scope="col">memory</th><th scope="col" class="right">read</th>\
      <th scope="col" class="right">written</th><th scope="col" class="right">bytes per cycle</th>\
      <th scope="col">of its bandwidth</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }

  /// A column for each layer; what is written hangs below the line.
  private func lane(_ memory: Int) -> HTMLText {
    let height = 72.0
    let traffic = layers.map { content.traffic($0, memory) }
    let reads = Double(traffic.map(\.read).max() ?? 0)
    let writes = Double(traffic.map(\.write).max() ?? 0)
    let scale = height / max(1, reads + writes)
    let zero = reads * scale
    let columns: [HTMLText] = traffic.enumerated().flatMap { layer, bytes -> [HTMLText] in
      let x = Double(layer * 10 + 1)
      return [
        column(nil, layer, x, zero - Double(bytes.read) * scale, Double(bytes.read) * scale),
        column("writes", layer, x, zero, Double(bytes.write) * scale),
      ].compactMap { $0 }
    }
    let largest = Figures.bytes(Int(max(reads, writes)))
    return TimelineChart.lane(
      "<i class=\"key memory-\(memory % 3)\"></i>\(content.memory(memory).name)",
      "to \(largest) a layer",
      SVG.strip(
        width: Double(layers.count * 10), height: height,
        label: "Traffic of \(content.memory(memory).name) by layer, at most \(largest)",
        kind: "steps framed memory-\(memory % 3)",
        columns + [SVG.line("zero", 0, zero, Double(layers.count * 10), zero)]))
  }

  private func column(_ kind: String?, _ layer: Int, _ x: Double, _ y: Double, _ height: Double)
    -> HTMLText?
  {
    height > 0 ? SVG.path(kind, [.box(x, y, 8, height)], layer: layer) : nil
  }

  private var axis: HTMLText {
    let ticks = Scale.ticks(to: Double(max(1, layers.count - 1)), count: 12)
    let places = ticks.map { ($0, ($0 + 0.5) / Double(max(1, layers.count)) * 100) }
    // A number close to the end would be cut off, and read as another.
    let marks: [HTMLText] = places.filter { $0.1 < 90 }.map { tick, left in
      "<span style=\"left:\(.number(left))%\">\(Int(tick))</span>"
    }
    return """
      <div class="lane axis"><div class="name"><small>layer</small></div>\
      <div class="ticks">\(marks)</div></div>
      """
  }
}
