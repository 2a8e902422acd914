import Foundation
import Simulation

/// How many multiply-accumulates each layer does in a cycle, over how many it does for each byte that it moves.
///
/// A memory's roof is `bytesPerCycle · intensity`, the array's its peak; no layer can be above both for long.
struct RooflineChart {
  private let content: PageContent
  private let points: [Point]
  private let plot: LogPlot

  /// A layer with work.
  private struct Point {
    let layer: Int
    /// Multiply-accumulates per cycle of the layer's latency.
    let rate: Double
    /// Multiply-accumulates per byte through the port of each memory; nil where it moves none.
    let intensities: [Double?]
    /// The position of the memory with the lowest roof.
    let lowest: Int?
  }

  init(_ content: PageContent) {
    self.content = content
    points = Self.points(content)
    let intensities = points.flatMap { $0.intensities.compactMap { $0 } }
    let peak = content.program.target.peakMacsPerCycle
    plot = LogPlot(
      x: (intensities.min() ?? 1, max(intensities.max() ?? 1, peak)),
      y: (points.map(\.rate).min() ?? 1, max(peak, points.map(\.rate).max() ?? 1)))
  }

  /// Nil for a network without multiply-accumulates.
  var section: PageSection? {
    guard !points.isEmpty else { return nil }
    let idle = content.profile.layers.count - points.count
    let note: HTMLText =
      idle == 0 ? "" : " \(idle) layers without multiply-accumulates are not shown."
    let body: HTMLText = """
      \(tools)
      \(chart)
      <p class="note">A point is a layer, its area its time. A layer far below its roof waits for something else: \
      small blocks, the filling of pipelines, other layers.\(note)</p>
      """
    return PageSection(id: "roofline", title: "Roofline", body: body)
  }

  private static func points(_ content: PageContent) -> [Point] {
    content.profile.layers.indices.compactMap { index in
      let layer = content.profile.layers[index]
      guard layer.macs > 0, layer.latencyCycles > 0 else { return nil }
      let intensities = content.usedMemories.map { memory -> Double? in
        let bytes = content.traffic(layer, memory).sum
        return bytes == 0 ? nil : Double(layer.macs) / Double(bytes)
      }
      return Point(
        layer: index, rate: Double(layer.macs) / Double(layer.latencyCycles),
        intensities: intensities,
        lowest: content.busiestMemory(layer).flatMap(content.usedMemories.firstIndex))
    }
  }

  private var tools: HTMLText {
    let memories: [HTMLText] = content.usedMemories.enumerated().map { position, memory in
      """
      <button type="button" data-roof="\(position)" data-tone="\(tone(position))" aria-pressed="false">\
      \(content.memory(memory).name)</button>
      """
    }
    let buttons: HTMLText = """
      <button type="button" data-roof="bound" aria-pressed="true">the memory that bounds it</button>\(memories)
      """
    return """
      <div class="tools control" role="group" aria-label="Bytes that intensity counts">\
      <span>Bytes through</span> \(buttons)</div>
      """
  }

  private var chart: HTMLText {
    SVG.chart(
      width: plot.width, height: plot.height,
      label:
        "Roofline: multiply-accumulates per cycle over multiply-accumulates per byte, by layer",
      kind: "roofline", plot.grid + roofs + points.compactMap(disc) + titles)
  }

  private var titles: [HTMLText] {
    [
      SVG.text(
        "title", x: plot.width - plot.right, y: plot.height - 6, anchor: "end", "MACs per byte"),
      SVG.text("title", x: 4, y: 12, "MACs per cycle"),
    ]
  }

  /// The class by which a memory's roof and points have their color.
  private func tone(_ position: Int) -> String { "memory-\(content.usedMemories[position] % 3)" }

  /// A disc where the memory that bounds the layer puts it, with the places where others would.
  private func disc(_ point: Point) -> HTMLText? {
    guard let position = point.lowest, let intensity = point.intensities[position] else {
      return nil
    }
    let share = content.share(content.profile.layers[point.layer])
    let places: [HTMLText] = point.intensities.map { $0.map { .number(plot.x($0)) } ?? "" }
    return """
      <circle class="point \(tone(position))" data-l="\(point.layer)" data-own="\(position)" data-places="\(.joined(places, " "))" \
      cx="\(.number(plot.x(intensity)))" cy="\(.number(plot.y(point.rate)))" \
      r="\(.number(max(3, (share * 1600).squareRoot())))"/>
      """
  }

  /// The array's peak, and for each memory the line that its bandwidth draws.
  private var roofs: [HTMLText] {
    let peak = content.program.target.peakMacsPerCycle
    let top = plot.y(peak)
    let flat = [
      SVG.line("peak", plot.left, top, plot.width - plot.right, top),
      SVG.text(
        "label", x: plot.width - plot.right, y: top - 6, anchor: "end",
        "array: \(Figures.grouped(Int(peak.rounded()))) MACs per cycle"),
    ]
    return flat + content.usedMemories.flatMap { roof($0, peak: peak) }
  }

  /// From the lower left to where the memory is fast enough for the array.
  private func roof(_ index: Int, peak: Double) -> [HTMLText] {
    let memory = content.memory(index)
    let knee = peak / memory.bytesPerCycle
    let start = max(plot.xRange.0, plot.yRange.0 / memory.bytesPerCycle)
    guard start < knee else { return [] }
    let (x1, y1) = (plot.x(start), plot.y(start * memory.bytesPerCycle))
    let (x2, y2) = (
      plot.x(min(knee, plot.xRange.1)), plot.y(min(knee, plot.xRange.1) * memory.bytesPerCycle)
    )
    let rate = SVG.decimal(memory.bytesPerCycle, places: 2) ?? ""
    return [
      SVG.line("limit memory-\(index % 3)", x1, y1, x2, y2),
      SVG.text(
        "label memory-\(index % 3)", x: x1 + (x2 - x1) * 0.06 + 10, y: y1 + (y2 - y1) * 0.06 + 6,
        "\(memory.name.shortened(to: 16)): \(rate) B per cycle"),
    ]
  }
}

/// A plot with logarithmic axes.
private struct LogPlot {
  let width = 960.0
  let height = 420.0
  let left = 52.0
  let right = 20.0
  let bottom = 40.0
  let top = 24.0
  let xRange: (Double, Double)
  let yRange: (Double, Double)

  /// Ranges grow so that there is room around the points.
  init(x: (Double, Double), y: (Double, Double)) {
    xRange = (x.0 / 2, x.1 * 2)
    yRange = (y.0 / 3, y.1 * 2)
  }

  func x(_ value: Double) -> Double {
    left + (width - left - right) * log10(value / xRange.0) / log10(xRange.1 / xRange.0)
  }

  func y(_ value: Double) -> Double {
    height - bottom - (height - bottom - top) * log10(value / yRange.0) / log10(yRange.1 / yRange.0)
  }

  var grid: [HTMLText] {
    powers(xRange).flatMap { value in
      [
        SVG.line("grid", x(value), top, x(value), height - bottom),
        SVG.text("tick", x: x(value), y: height - bottom + 16, anchor: "middle", Self.text(value)),
      ]
    }
      + powers(yRange).flatMap { value in
        [
          SVG.line("grid", left, y(value), width - right, y(value)),
          SVG.text("tick", x: left - 6, y: y(value) + 4, anchor: "end", Self.text(value)),
        ]
      }
  }

  private func powers(_ range: (Double, Double)) -> [Double] {
    let first = Int(log10(range.0).rounded(.up))
    let last = Int(log10(range.1).rounded(.down))
    return first <= last ? (first...last).map { pow(10, Double($0)) } : []
  }

  private static func text(_ value: Double) -> String {
    value >= 1 ? Figures.grouped(Int(value.rounded())) : SVG.decimal(value, places: 4) ?? ""
  }
}
