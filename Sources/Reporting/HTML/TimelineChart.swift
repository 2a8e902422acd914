import Lowering

/// Engines, utilization and the ports of memories over the time of the run; all strips zoom together.
struct TimelineChart {
  private let content: PageContent

  /// Positions along the time axis run from 0 to this, whatever the run's length.
  static let width = 1_000_000.0

  init(_ content: PageContent) { self.content = content }

  var section: PageSection {
    let lanes = [layerLane] + engineLanes + [utilizationLane] + bandwidthLanes
    let body: HTMLText = """
      \(tools)
      <div class="lanes" id="timeline" tabindex="0" role="group" \
      aria-label="Timeline. Arrow keys move, plus and minus zoom, 0 shows everything, square brackets step through layers.">
      \(.lines(lanes))
      \(Self.axis(content))
      </div>
      <p class="note control">Wheel or <kbd>+</kbd> <kbd>−</kbd> zoom, drag or <kbd>←</kbd> <kbd>→</kbd> move, \
      <kbd>0</kbd> shows everything; the wheel acts once the timeline has the focus, or with <kbd>Ctrl</kbd>.</p>
      """
    return PageSection(id: "time", title: "Timeline", body: body)
  }

  private var tools: HTMLText {
    """
    <div class="tools control" role="toolbar" aria-label="Zoom of the timeline">
    <button type="button" data-zoom="in" aria-label="Zoom in">+</button>\
    <button type="button" data-zoom="out" aria-label="Zoom out">−</button>\
    <button type="button" data-zoom="left" aria-label="Earlier">←</button>\
    <button type="button" data-zoom="right" aria-label="Later">→</button>\
    <button type="button" data-zoom="all">All</button>
    <output id="range" aria-live="polite">0 to \(Figures.grouped(content.profile.totals.latencyCycles)) cycles</output>
    </div>
    """
  }

  /// A strip with its name and what it amounts to.
  static func lane(_ name: HTMLText, _ note: String, _ strip: HTMLText) -> HTMLText {
    """
    <div class="lane"><div class="name"><span>\(name)</span><small>\(note)</small></div>\(strip)</div>
    """
  }

  /// The scale below the strips, which the script draws anew when they are zoomed.
  static func axis(_ content: PageContent) -> HTMLText {
    let ticks = Scale.ticks(to: content.cycles, count: 8)
    // A number close to the end would be cut off.
    let marks: [HTMLText] = ticks.filter { $0 < 0.94 * content.cycles }.map { tick in
      """
      <span style="left:\(.number(tick / content.cycles * 100))%">\(Figures.grouped(Int(tick)))</span>
      """
    }
    return """
      <div class="lane axis"><div class="name"><small>cycles</small></div>\
      <div class="ticks">\(marks)</div></div>
      """
  }

  /// Where a moment lies on the axis.
  static func x(_ cycle: Double, _ content: PageContent) -> Double {
    (min(cycle, content.cycles) / content.cycles * width).rounded()
  }

  private func x(_ cycle: Double) -> Double { Self.x(cycle, content) }

  /// Of each layer the times in which it prolongs the run.
  private func boxes(height: Double, top: (Int) -> Double) -> [HTMLText] {
    let turns = Dictionary(grouping: content.activity.turns, by: \.layer)
    return turns.sorted { $0.key < $1.key }.compactMap { layer, turns in
      let y = top(layer)
      guard y < height else { return nil }
      let boxes = turns.map { turn in
        let start = x(Double(turn.cycles.lowerBound))
        return PathStep.box(start, y, x(Double(turn.cycles.upperBound)) - start, height - y)
      }
      return SVG.path(Self.kind(layer), boxes, layer: layer)
    }
  }

  /// Every other layer has a shade of its own.
  private static func kind(_ layer: Int) -> String? { layer.isMultiple(of: 2) ? nil : "odd" }

  private var layerLane: HTMLText {
    Self.lane(
      "layers", "\(content.program.layers.count)",
      SVG.strip(
        width: Self.width, height: 14, label: "Layers by the time they take", kind: "time layers",
        boxes(height: 14) { _ in 0 }))
  }

  private var engineLanes: [HTMLText] {
    // The engine of most work first.
    let order: [Engine] = [.array, .output, .reader, .mover, .host]
    return order.compactMap { engine in
      content.activity.engines.first { $0.engine == engine }.map(engineLane)
    }
  }

  private func engineLane(_ use: Activity.EngineUse) -> HTMLText {
    let name = use.engine.reportName
    let slices = content.activity.slices.filter { $0.engine == use.engine }
    let byLayer = Dictionary(grouping: slices, by: \.layer)
    let paths = byLayer.sorted { $0.key < $1.key }.map { layer, slices in
      // What is too short for the drawing's grid still shows once one zooms.
      let boxes = slices.map {
        PathStep.box(x($0.start), 0, max(1, x($0.end) - x($0.start)), 20)
      }
      return SVG.path(Self.kind(layer), boxes, layer: layer)
    }
    let share = Figures.percent(use.busyCycles / content.cycles)
    return Self.lane(
      "<i class=\"key \(name)\"></i>\(name)", share,
      SVG.strip(
        width: Self.width, height: 20, label: "Engine \(name), busy for \(share) of the run",
        kind: "time engine \(name)", paths))
  }

  private var utilizationLane: HTMLText {
    let boxes = boxes(height: 40) { layer in
      40 - 40 * min(1, max(0, content.profile.layers[layer].utilization))
    }
    let utilization = Figures.percent(content.profile.totals.utilization)
    return Self.lane(
      "utilization", utilization,
      SVG.strip(
        width: Self.width, height: 40,
        label: "Utilization of the array by layer, \(utilization) in all",
        kind: "time framed utilization", boxes))
  }

  private var bandwidthLanes: [HTMLText] {
    content.activity.bandwidth.filter { content.usedMemories.contains($0.memory) }.map { use in
      let memory = content.memory(use.memory)
      let bins = Double(use.readBytes.count)
      let capacity = memory.bytesPerCycle * content.cycles / bins
      let read = use.readBytes.map { $0 / capacity }
      let both = zip(use.readBytes, use.writtenBytes).map { ($0 + $1) / capacity }
      let mean = Figures.percent(both.reduce(0, +) / bins)
      let kind = "memory-\(use.memory % 3)"
      return Self.lane(
        "\(memory.name) port", mean,
        SVG.strip(
          width: Self.width, height: 32,
          label: "Use of the bandwidth of \(memory.name), \(mean) on average",
          kind: "time framed port \(kind)",
          [SVG.path("write", stairs(both, height: 32)), SVG.path("read", stairs(read, height: 32))])
      )
    }
  }

  /// An area below steps of equal width; a share of 1 reaches the top.
  private func stairs(_ shares: [Double], height: Double) -> [PathStep] {
    let step = Self.width / Double(max(1, shares.count))
    var steps = [PathStep.move(0, height)]
    for (index, share) in shares.enumerated() {
      let y = height * (1 - min(1, share))
      steps += [
        .line((Double(index) * step).rounded(), y), .line((Double(index + 1) * step).rounded(), y),
      ]
    }
    return steps + [.line(Self.width, height), .close]
  }
}

/// Round numbers along an axis.
enum Scale {
  /// Multiples of 1, 2 or 5 times a power of ten, from 0 on: about `count` of them.
  static func ticks(to end: Double, count: Int) -> [Double] {
    guard end > 0 else { return [0] }
    let rough = end / Double(count)
    var power = 1.0
    while power * 10 <= rough { power *= 10 }
    let step = max(1, [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? power)
    return Array(stride(from: 0, through: end, by: step))
  }
}
