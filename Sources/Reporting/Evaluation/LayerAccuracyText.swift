import Foundation

/// The layers of an evaluation for the terminal: where it goes wrong first, and the worst.
public struct LayerAccuracyText: Sendable {
  private let report: LayerAccuracyReport
  private let width: Int

  /// How many of the worst are shown.
  private static let shown = 10

  /// - Parameter width: of the terminal, in columns; a narrower one than 60 is taken for one of 60.
  public init(_ report: LayerAccuracyReport, width: Int = 80) {
    self.report = report
    self.width = max(60, width)
  }

  /// What was found, the layer to look at first, and a table.
  public var text: String {
    let lines = [found] + (weakest.map { [$0] } ?? [])
    let wrapped = lines.flatMap { $0.wrapped(to: width, indent: 2) }
    let table = report.worst.isEmpty ? [] : [""] + self.table.lines(width: width)
    return (wrapped + table).joined(separator: "\n") + "\n"
  }

  private var found: String {
    let byOrder = report.layers.count - report.foundByName
    return "layers: \(report.layers.count) of \(report.layerCount) found in both models, "
      + "\(report.foundByName) by name and \(byOrder) by order"
  }

  private var weakest: String? {
    guard let weakest = report.weakest, let median = report.medianAloneDecibels,
      let alone = report.layers[weakest].alone.sqnrDecibels
    else { return nil }
    let layer = report.layers[weakest]
    return "look first at `\(shortName(layer))`, \(layer.operator): alone it has "
      + "\(Self.decibels(alone)) dB, \(Self.decibels(median - alone)) below the median"
  }

  private var table: TextTable {
    var table = TextTable([
      .init("#", .right), .init("layer", isElastic: true), .init("operator", isElastic: true),
      .init("alone, dB", .right), .init("in the run", .right),
      .init("cosine", .right, isOptional: true), .init("worst channel", .right, isOptional: true),
    ])
    for index in report.worst.prefix(Self.shown) { table.add(row(index)) }
    return table
  }

  private func row(_ index: Int) -> [String] {
    let layer = report.layers[index]
    let worst = layer.alone.worstChannel.map { "\($0.index): \(Self.decibels($0.sqnrDecibels))" }
    return [
      String(index), shortName(layer), layer.operator,
      layer.alone.sqnrDecibels.map(Self.decibels) ?? "",
      layer.run.sqnrDecibels.map(Self.decibels) ?? "",
      layer.run.cosine.map { String(format: "%.4f", $0) } ?? "", worst ?? "",
    ]
  }

  /// Of a chain of fused names the first, without the scope around everything.
  private func shortName(_ layer: LayerAccuracyReport.Layer) -> String {
    let words = layer.title.firstOfFused.split(separator: "/").suffix(2)
    return Escaping.terminal(words.joined(separator: "/")).elided(to: 40)
  }

  private static func decibels(_ value: Double) -> String { String(format: "%.1f", value) }
}
