import Foundation

/// A profile as Markdown for pull requests: a summary, the layers that take longest, and all others folded away.
public struct ProfileMarkdown: Sendable {
  private let profile: Profile

  /// The layers that show without unfolding.
  private static let shownLayers = 10

  /// A report about one profile, which `text` writes out.
  public init(_ profile: Profile) { self.profile = profile }

  /// GitHub's Markdown; names from files cannot become markup.
  public var text: String {
    (heading + summary + advice + layers + hostNotes).joined(separator: "\n") + "\n"
  }

  private var heading: [String] {
    let clock = String(format: "%g MHz", profile.target.clockMHz)
    let model = Escaping.markdownCode(profile.model.name)
    return ["### \(model) on \(Escaping.markdownCode(profile.target.name)) at \(clock)", ""]
  }

  private var summary: [String] {
    let totals = profile.totals
    let rows = [
      ("latency", String(format: "%.3f ms", totals.latencyMilliseconds)),
      ("cycles", Figures.grouped(totals.latencyCycles)),
      ("MACs", Figures.grouped(totals.macs)),
      ("utilization of the array", Figures.percent(totals.utilization)),
    ]
    let bound = profile.criticalShares(Escaping.markdownCode).map { [("bound", $0)] } ?? []
    let memories = memories.map { name in
      let traffic = totals.trafficBytes[name] ?? Profile.Traffic(read: 0, write: 0)
      return (
        Escaping.markdownCode(name),
        "\(Figures.bytes(totals.peakMemoryBytes[name] ?? 0)) used, "
          + "\(Figures.bytes(traffic.read)) read, \(Figures.bytes(traffic.write)) written"
      )
    }
    let note = Escaping.markdownText(profile.energyNote)
    let energy = profile.energyFigure.map { [("energy", "\($0), \(note)")] } ?? []
    return ["| | |", "|---|---|"]
      + (rows + bound + memories + energy).map { "| \($0.0) | \($0.1) |" } + [""]
  }

  /// Those that hold something.
  private var memories: [String] {
    profile.totals.peakMemoryBytes.filter { $0.value > 0 }.keys.sorted().reversed()
  }

  private var advice: [String] {
    guard let advice = profile.advice, !advice.isEmpty else { return [] }
    let lines = advice.map { entry in
      "- **\(Escaping.markdownText(entry.title))**: \(profile.gain(of: entry))  \n"
        + "  \(Escaping.markdownText(entry.detail))"
    }
    return ["What would be faster:", ""] + lines + [""]
  }

  private var layers: [String] {
    // Of layers that take equally long, the first comes first.
    let order = profile.layers.indices.sorted { a, b in
      let (first, second) = (profile.layers[a].latencyCycles, profile.layers[b].latencyCycles)
      return (second, a) < (first, b)
    }
    let rest = order.dropFirst(Self.shownLayers)
    guard !rest.isEmpty else { return table(order) + [""] }
    return table(order.prefix(Self.shownLayers)) + [
      "", "<details>",
      "<summary>\(rest.count) more \(rest.count == 1 ? "layer" : "layers")</summary>",
      "",
    ] + table(rest) + ["", "</details>", ""]
  }

  private func table(_ layers: some Sequence<Int>) -> [String] {
    let names =
      memories.map { " \(Escaping.markdownCode($0)) |" }.joined()
      + (profile.hasAccuracy ? " SQNR alone, dB |" : "")
    let rules = memories.map { _ in "---:|" }.joined() + (profile.hasAccuracy ? "---:|" : "")
    return [
      "| # | layer | operator | engine | cycles | share | utilization | bound |\(names)",
      "|---:|---|---|---|---:|---:|---:|---|\(rules)",
    ] + layers.map { row($0, profile.layers[$0]) }
  }

  private func row(_ index: Int, _ layer: Profile.Layer) -> String {
    let share = Double(layer.latencyCycles) / Double(max(1, profile.totals.latencyCycles))
    let traffic = memories.map { Figures.bytes(layer.trafficBytes[$0]?.sum ?? 0) }
    let cells =
      [
        String(index), Escaping.markdownCode(layer.resultName),
        Escaping.markdownCode(layer.operator),
        layer.engine, Figures.grouped(layer.latencyCycles), Figures.percent(share),
        layer.macs == 0 ? "" : Figures.percent(layer.utilization), layer.bound.rawValue,
      ] + traffic + (profile.hasAccuracy ? [layer.accuracy?.text ?? ""] : [])
    return "| \(cells.joined(separator: " | ")) |"
  }

  /// Why layers run on the host, each reason once.
  private var hostNotes: [String] {
    let hosted = profile.layers.enumerated().filter { $0.element.hostReason != nil }
    let reasons = Dictionary(grouping: hosted) { entry in
      "\(entry.element.operator): \(entry.element.hostReason ?? "")"
    }
    guard !reasons.isEmpty else { return [] }
    let lines = reasons.sorted { $0.value[0].offset < $1.value[0].offset }.map { text, layers in
      let count = layers.count == 1 ? "1 layer" : "\(layers.count) layers"
      return "- \(count), \(Escaping.markdownText(text))"
    }
    return ["Left to the host:", ""] + lines + [""]
  }
}
