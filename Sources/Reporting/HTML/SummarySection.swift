import Simulation

/// What the run costs, what it waits for, and which layers matter most.
struct SummarySection {
  private let content: PageContent

  init(_ content: PageContent) { self.content = content }

  private var profile: Profile { content.profile }

  var section: PageSection {
    let body: HTMLText = """
      <p class="lead">\(verdict)</p>
      <dl class="figures">\(figures)</dl>
      \(boundBar)
      <div class="columns">
      <div><h3>Costliest layers</h3>\(costliest)</div>
      <div><h3>Engines</h3>\(engines)</div>
      </div>
      \(hostNotes)
      """
    return PageSection(id: "summary", title: "Summary", body: body)
  }

  /// One sentence: what bounds the network.
  private var verdict: HTMLText {
    guard let largest = bounds.first else {
      return "The run takes no time: no layer has anything to compute."
    }
    let rest = bounds.dropFirst().prefix(1).map {
      " \($0.phrase) comes next with \(share($0))."
    }
    return """
      <b>\(largest.phrase)</b> bounds the network: \(share(largest)) of its critical path, and most of that of \
      \(largest.layers).\(rest.joined())
      """
  }

  /// A cause that cycles on the critical path are spent on.
  private struct Bound {
    let name: String
    let cycles: Int
    /// The layers that most of their cycles are spent on it.
    let count: Int
    let style: String

    var layers: String { count == 1 ? "1 layer" : "\(count) layers" }

    var phrase: String {
      switch name {
      case "compute": "Computing"
      case "weight decode": "Decoding weights"
      case "output": "The output stage"
      case "dependency": "Waiting for results"
      case "overhead": "Overhead"
      case "host": "Computing on the host"
      default: "The bandwidth of \(name)"
      }
    }
  }

  /// The largest first: those that the terminal shows too.
  private var bounds: [Bound] {
    let largest = profile.layers.compactMap { $0.criticalCycles?.largestPart }
    let counts = Dictionary(largest.map { ($0, 1) }, uniquingKeysWith: +)
    return profile.criticalParts.map { name, cycles in
      Bound(name: name, cycles: cycles, count: counts[name] ?? 0, style: style(name))
    }
  }

  private func share(_ bound: Bound) -> String {
    Figures.percent(Double(bound.cycles) / content.cycles)
  }

  private func style(_ bound: String) -> String {
    switch bound {
    case "compute", "output", "host", "overhead": bound
    case "weight decode": "dma"
    case "dependency": "input"
    default:
      "memory-\((content.program.target.memories.firstIndex { $0.name == bound } ?? 0) % 3)"
    }
  }

  private var boundBar: HTMLText {
    let parts: [HTMLText] = bounds.map {
      let width = Double($0.cycles) / content.cycles * 100
      return "<i class=\"\($0.style)\" style=\"width:\(.number(width))%\"></i>"
    }
    let legend: [HTMLText] = bounds.map {
      """
      <li><i class="\($0.style)"></i>\($0.name) <b>\(share($0))</b>\
      <span>\(Figures.grouped($0.cycles)) cycles</span></li>
      """
    }
    return """
      <div class="share" role="img" aria-label="\(boundText)">\(parts)</div>
      <ul class="legend">\(legend)</ul>
      """
  }

  private var boundText: String {
    "The critical path by what bounds it: "
      + bounds.map { "\($0.name) \(share($0))" }
      .joined(separator: ", ")
  }

  private var figures: [HTMLText] {
    let totals = profile.totals
    let rate = totals.latencyMilliseconds > 0 ? 1000 / totals.latencyMilliseconds : 0
    let clock = Figures.threeDigits(profile.target.clockMHz)
    return [
      figure(
        "Latency", content.milliseconds(totals.latencyCycles),
        "\(Figures.grouped(totals.latencyCycles)) cycles at \(clock) MHz"),
      figure("Rate", "\(Figures.threeDigits(rate)) / s", "one run after the other"),
      figure("Work", "\(Figures.scaled(totals.macs)) MACs", "\(profile.layers.count) layers"),
      figure(
        "Utilization", Figures.percent(totals.utilization), "of the array’s peak, over the run"),
    ] + content.usedMemories.map(memoryFigure)
      + (profile.energyFigure.map { [figure("Energy", $0, profile.energyNote)] } ?? [])
  }

  private func memoryFigure(_ index: Int) -> HTMLText {
    let memory = content.program.memories[index]
    let share = Figures.percent(Double(memory.usedBytes) / Double(max(1, memory.byteCount)))
    let traffic = profile.totals.trafficBytes[memory.name]?.sum ?? 0
    return figure(
      memory.name, Figures.bytes(memory.usedBytes),
      "\(share) of it in use, \(Figures.bytes(traffic)) moved")
  }

  private func figure(_ name: String, _ value: String, _ note: String) -> HTMLText {
    "<div><dt>\(name)</dt><dd>\(value)</dd><dd class=\"note\">\(note)</dd></div>"
  }

  private var costliest: HTMLText {
    let order = profile.layers.indices.sorted {
      (-profile.layers[$0].latencyCycles, $0) < (-profile.layers[$1].latencyCycles, $1)
    }
    let rows: [HTMLText] = order.prefix(6).map { index in
      let layer = profile.layers[index]
      return """
        <tr><td><button type="button" class="link" data-l="\(index)"\(LayerName.title(layer.name, to: 38))>\
        <span class="number">\(index)</span> <bdi>\(LayerName.short(layer.name, to: 38))</bdi></button></td>\
        <td class="right">\(Figures.grouped(layer.latencyCycles))</td>\
        \(content.bar(layer))</tr>
        """
    }
    let sum = order.prefix(6).reduce(0.0) { $0 + content.share(profile.layers[$1]) }
    return """
      <table class="small"><thead><tr><th scope="col">layer</th><th scope="col" class="right">cycles</th>\
      <th scope="col">share</th></tr></thead><tbody>\(rows)</tbody></table>
      <p class="note">Together \(Figures.percent(sum)) of the time.</p>
      """
  }

  private var engines: HTMLText {
    let rows: [HTMLText] = content.activity.engines.sorted { $0.busyCycles > $1.busyCycles }.map {
      """
      <tr><td><i class="key \($0.engine.reportName)"></i>\($0.engine.reportName)</td>\
      <td class="right">\(Figures.grouped(Int($0.busyCycles.rounded())))</td>\
      \(Self.bar($0.busyCycles / content.cycles))\
      <td class="right">\(Figures.grouped($0.commands))</td></tr>
      """
    }
    let note: HTMLText =
      rows.count < 2
      ? ""
      : "<p class=\"note\">Engines work at the same time: their shares add up to more than the whole.</p>"
    return """
      <table class="small"><thead><tr><th scope="col">engine</th><th scope="col" class="right">busy cycles</th>\
      <th scope="col">of the run</th><th scope="col" class="right">commands</th></tr></thead>\
      <tbody>\(rows)</tbody></table>\(note)
      """
  }

  /// A cell with a bar and its share in figures.
  ///
  /// - Parameter largest: the share whose bar is the longest there may be.
  static func bar(_ share: Double, of largest: Double = 1) -> HTMLText {
    // The rest of the cell is for the figures.
    let width = largest > 0 ? min(1, max(0, share / largest)) * 56 : 0
    return """
      <td class="bar" style="--part:\(.number(width))%">\(Figures.percent(share))</td>
      """
  }

  /// Layers that the NPU does not take, by the reason.
  private var hostNotes: HTMLText {
    let hosted = profile.layers.indices.filter { profile.layers[$0].hostReason != nil }
    guard !hosted.isEmpty else { return "" }
    let groups = Dictionary(grouping: hosted) { index in
      "\(profile.layers[index].operator): \(profile.layers[index].hostReason ?? "")"
    }
    let items: [HTMLText] = groups.sorted { $0.value[0] < $1.value[0] }.map { reason, layers in
      "<li>\(reason.shortened(to: 200)) \(LayerLinks.list(layers))</li>"
    }
    return "<h3>Left to the host</h3><ul class=\"plain\">\(items)</ul>"
  }
}

/// Buttons that choose layers.
enum LayerLinks {
  /// The first few, and how many more there are.
  static func list(_ layers: [Int], limit: Int = 12) -> HTMLText {
    let links: [HTMLText] = layers.prefix(limit).map {
      "<button type=\"button\" class=\"link number\" data-l=\"\($0)\" aria-label=\"layer \($0)\">\($0)</button>"
    }
    let rest: HTMLText =
      layers.count > limit ? " <span class=\"note\">and \(layers.count - limit) more</span>" : ""
    return "<span class=\"links\">\(.joined(links, " "))\(rest)</span>"
  }
}
