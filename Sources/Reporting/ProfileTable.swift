import Foundation

/// A profile as a table for the terminal.
public struct ProfileTable: Sendable {
  private let profile: Profile
  private let width: Int

  /// - Parameter width: of the terminal, in columns; a narrower one than 60 is taken for one of 60.
  public init(_ profile: Profile, width: Int = 80) {
    self.profile = profile
    self.width = max(60, width)
  }

  /// Heading, layers, totals, why layers run on the host, and what would be faster where that was asked for.
  public var text: String {
    let parts =
      wrapped(heading, indent: 11) + [""] + layerTable.lines(width: width)
      + wrapped(hostNotes, indent: 4) + adviceLines
    return parts.joined(separator: "\n") + "\n"
  }

  private func wrapped(_ lines: [String], indent: Int) -> [String] {
    lines.flatMap { Escaping.terminal($0).wrapped(to: width, indent: indent) }
  }

  private var heading: [String] {
    let totals = profile.totals
    let time = String(format: "%.3f ms", totals.latencyMilliseconds)
    let clock = String(format: "%g MHz", profile.target.clockMHz)
    let memory = memories.map { name in
      let traffic = totals.trafficBytes[name] ?? Profile.Traffic(read: 0, write: 0)
      return "\(name): \(Figures.bytes(totals.peakMemoryBytes[name] ?? 0)) used, "
        + "\(Figures.bytes(traffic.read)) read, \(Figures.bytes(traffic.write)) written"
    }
    return [
      "\(Escaping.terminal(profile.model.name).elided(to: 40)) on \(profile.target.name) at \(clock)",
      "  latency  \(time), \(Figures.grouped(totals.latencyCycles)) cycles",
      "  compute  \(Figures.scaled(totals.macs)) MACs, \(Figures.percent(totals.utilization)) of the array's peak",
    ] + memory.map { "  memory   \($0)" }
      + (profile.energyFigure.map { ["  energy   \($0), \(profile.energyNote)"] } ?? []) + [
        "  bound    \(profile.criticalShares() ?? boundShares)"
      ]
  }

  /// `compute 61.2 %, memory 35.0 %, overhead 3.8 %`: the cycles of layers by what bounds them,
  /// where the critical path is not known.
  private var boundShares: String {
    let total = max(1, profile.totals.latencyCycles)
    let byBound = Dictionary(grouping: profile.layers, by: \.bound.rawValue)
    return ["compute", "memory", "overhead"].map { bound in
      let cycles = (byBound[bound] ?? []).reduce(0) { $0 + $1.latencyCycles }
      return "\(bound) \(Figures.percent(Double(cycles) / Double(total)))"
    }.joined(separator: ", ")
  }

  /// Those that hold something. Backwards, `sram` stands before `flash`: the dictionaries keep no order of their own.
  private var memories: [String] {
    profile.totals.peakMemoryBytes.filter { $0.value > 0 }.keys.sorted().reversed()
  }

  /// Shares are drawn where there is room for them.
  private var showsShares: Bool { width >= 90 }

  private var layerTable: TextTable {
    let shares: [TextTable.Column] = showsShares ? [.init("share")] : []
    let accuracy: [TextTable.Column] = profile.hasAccuracy ? [.init("alone, dB", .right)] : []
    var table = TextTable(
      [
        .init("#", .right), .init("layer", isElastic: true), .init("operator", isElastic: true),
        .init("engine"), .init("cycles", .right),
      ] + shares + accuracy + [
        .init("util", .right, isOptional: true), .init("bound", isOptional: true),
      ]
        + memories.map { .init($0, .right, isOptional: true) })
    for (index, layer) in profile.layers.enumerated() { table.add(row(index, layer)) }
    table.addRule()
    let totals = profile.totals
    table.add(
      ["", "total", "", "", Figures.grouped(totals.latencyCycles)] + (showsShares ? [""] : [])
        + (profile.hasAccuracy ? [""] : [])
        + [Figures.percent(totals.utilization), ""]
        + memories.map { Figures.shortBytes(totals.trafficBytes[$0]?.sum ?? 0) })
    return table
  }

  private func row(_ index: Int, _ layer: Profile.Layer) -> [String] {
    let share = Double(layer.latencyCycles) / Double(max(1, profile.totals.latencyCycles))
    return [
      String(index), shortName(layer), layer.operator, layer.engine,
      Figures.grouped(layer.latencyCycles),
    ] + (showsShares ? [Self.bar(share)] : [])
      + (profile.hasAccuracy ? [layer.accuracy?.text ?? ""] : [])
      + [layer.macs == 0 ? "" : Figures.percent(layer.utilization), layer.bound.rawValue]
      + memories.map { Figures.shortBytes(layer.trafficBytes[$0]?.sum ?? 0) }
  }

  /// Without the scope around everything, unless there is room for it.
  private func shortName(_ layer: Profile.Layer) -> String {
    let name = layer.resultName
    return width >= 120 ? name : name.split(separator: "/").suffix(2).joined(separator: "/")
  }

  /// A bar of six characters for a share of 1, drawn to an eighth of a character.
  private static func bar(_ share: Double) -> String {
    let eighths = Int((share * 6 * 8).rounded())
    let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }

  /// Layers that the NPU does not take, by the reason, and what would help.
  private var hostNotes: [String] {
    let hosted = profile.layers.enumerated().filter { $0.element.hostReason != nil }
    guard !hosted.isEmpty else { return [] }
    var reasons: [(text: String, layers: [String])] = []
    for (index, layer) in hosted {
      let text = "\(layer.operator): \(layer.hostReason ?? "")"
      if let known = reasons.firstIndex(where: { $0.text == text }) {
        reasons[known].layers.append(String(index))
      } else {
        reasons.append((text, [String(index)]))
      }
    }
    return ["", "left to the host:"] + reasons.map { "  \(Self.list($0.layers))  \($0.text)" }
      + advice(hosted.map(\.element))
  }

  /// The first few layers, and how many more there are.
  private static func list(_ layers: [String]) -> String {
    layers.prefix(4).joined(separator: ", ")
      + (layers.count > 4 ? " and \(layers.count - 4) more" : "")
  }

  /// What the search for improvements found; nothing where it was not asked for.
  private var adviceLines: [String] {
    guard let advice = profile.advice else { return [] }
    guard !advice.isEmpty else { return ["", "nothing that was tried gains more than 1 %"] }
    return ["", "what would be faster:"]
      + advice.flatMap { entry in
        wrapped(["  \(profile.gain(of: entry))  \(entry.title)"], indent: 4)
          + wrapped(["    \(entry.detail)"], indent: 4)
      }
  }

  /// For networks of floats, what would bring most of their work to the NPU; for those with floats at their ends alone,
  /// what would spare the host converting them.
  private func advice(_ hosted: [Profile.Layer]) -> [String] {
    let conversions = hosted.filter { ["quantize", "dequantize"].contains($0.operator) }
    let cycles = conversions.map(\.latencyCycles).reduce(0, +)
    if 50 * cycles > profile.totals.latencyCycles {
      let share = Figures.percent(Double(cycles) / Double(profile.totals.latencyCycles))
      return [
        "", "converting floats takes \(share) of the time: inputs and outputs of integers, as",
        "`dovetail quantize --integer-ports` gives a .tflite file, are converted elsewhere",
      ]
    }
    let floats = hosted.filter { $0.hostReason?.hasPrefix("elements are f") ?? false }
    let macs = floats.map(\.macs).reduce(0, +)
    guard 2 * macs > profile.totals.macs else { return [] }
    let format = profile.model.format
    // As a command it must be whole, and it fits a line only with a short name.
    let isShort = profile.model.name.count <= 24 && !profile.model.name.contains(" ")
    let name = isShort ? profile.model.name : "MODEL"
    return [
      "", "the model computes in floats, which the NPU does not: quantize it, and profile",
      "what comes of it", "  dovetail quantize \(name).\(format) --calibration SAMPLES.npy \\",
      "    --scheme int8 -o \(name)-int8.\(format)",
    ]
  }
}

extension Profile.Layer {
  /// Of a chain of fused names the first, which is that of the last operation.
  var resultName: String { name.firstOfFused }
}

extension String {
  /// Of a chain of names of fused operations, joined by semicolons, the first that is not empty; the whole if none is.
  ///
  /// Byte by byte, as reports ask for thousands, and such chains are long.
  var firstOfFused: String {
    let isJoint = { (byte: UInt8) in byte == UInt8(ascii: ";") }
    let first = utf8.drop(while: isJoint).prefix { !isJoint($0) }
    return first.isEmpty ? self : String(Substring(first))
  }
}

extension Profile {
  /// `−12,345 cycles (8.1 %)`.
  func gain(of advice: ProfileAdvice) -> String {
    let share = Double(advice.gainCycles) / Double(max(1, totals.latencyCycles))
    return "−\(Figures.grouped(advice.gainCycles)) cycles (\(Figures.percent(share)))"
  }
}

extension Profile.Traffic {
  /// Bytes in both directions.
  public var sum: Int { read + write }
}
