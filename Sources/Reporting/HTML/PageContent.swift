import Hardware
import Lowering
import Simulation

/// What the sections of a profile's page are made of.
struct PageContent: Sendable {
  let profile: Profile
  let program: Program
  let activity: Activity
  let edges: LayerEdges
  let accuracy: LayerAccuracy?
  let advice: [ProfileAdvice]
  let costliestShare: Double
  /// Of each layer, what its time is spent on.
  private var bounds: [String] = []

  init(
    _ profile: Profile, _ program: Program, _ timeline: Timeline, _ accuracy: LayerAccuracy?,
    _ advice: [ProfileAdvice]
  ) {
    self.profile = profile
    self.program = program
    activity = Activity(program, timeline)
    edges = LayerEdges(program)
    self.accuracy = accuracy
    self.advice = advice
    let cycles = Double(max(1, profile.totals.latencyCycles))
    costliestShare = Double(profile.layers.map(\.latencyCycles).max() ?? 0) / cycles
    bounds = profile.layers.indices.map { Self.bound($0, in: self) }
  }
}

extension PageContent {
  /// Of the whole run, at least 1, so that it can be divided by.
  var cycles: Double { Double(max(1, profile.totals.latencyCycles)) }

  /// The positions of memories that hold something, in the target's order.
  var usedMemories: [Int] {
    program.target.memories.indices.filter { program.memories[$0].usedBytes > 0 }
  }

  func memory(_ index: Int) -> TargetDescription.Memory { program.target.memories[index] }

  /// A layer's bytes through a memory's port.
  func traffic(_ layer: Profile.Layer, _ memory: Int) -> Profile.Traffic {
    layer.trafficBytes[self.memory(memory).name] ?? Profile.Traffic(read: 0, write: 0)
  }

  /// The part of the run by which a layer prolongs it.
  func share(_ layer: Profile.Layer) -> Double { Double(layer.latencyCycles) / cycles }

  /// A cell with a bar for the part of the run, drawn to the scale of the costliest layer.
  func bar(_ layer: Profile.Layer) -> HTMLText {
    SummarySection.bar(share(layer), of: costliestShare)
  }

  /// The memory whose port needs longest for the layer's bytes; nil if the layer moves none.
  func busiestMemory(_ layer: Profile.Layer) -> Int? {
    let times = usedMemories.map {
      (memory: $0, cycles: Double(traffic(layer, $0).sum) / memory($0).bytesPerCycle)
    }
    guard let longest = times.max(by: { $0.cycles < $1.cycles }), longest.cycles > 0 else {
      return nil
    }
    return longest.memory
  }

  /// `compute`, `overhead`, or the name of the memory that bounds the layer.
  func bound(_ layer: Int) -> String { bounds[layer] }

  /// Of a layer that waits for a memory its name: that of the port that is busiest with the layer's own transfers, or if
  /// these take less than half of the time, with those of others too.
  private static func bound(_ index: Int, in content: PageContent) -> String {
    let layer = content.profile.layers[index]
    guard layer.bound == .memory else { return layer.bound.rawValue }
    let own = content.busiestMemory(layer).flatMap { memory in
      let cycles = Double(content.traffic(layer, memory).sum) / content.memory(memory).bytesPerCycle
      return 2 * cycles >= Double(layer.latencyCycles) ? memory : nil
    }
    let busiest = content.usedMemories.map { memory in
      let rate = content.memory(memory).bytesPerCycle
      return (memory, content.activity.portCycles(of: memory, bytesPerCycle: rate, during: index))
    }
    let memory = own ?? busiest.max { $0.1 < $1.1 }?.0
    return memory.map { content.memory($0).name } ?? layer.bound.rawValue
  }

  /// Milliseconds as the summary shows them.
  func milliseconds(_ cycles: Int) -> String {
    let time = Double(cycles) / (profile.target.clockMHz * 1000)
    return "\(Figures.threeDigits(time)) ms"
  }

  /// The numbers that the script sorts and draws by, a list for each column.
  var figures: HTMLText {
    let layers = profile.layers
    let memories: [HTMLText] = usedMemories.map { memory in
      .list(layers.map { Double(traffic($0, memory).sum) })
    }
    var spans = profile.layers.map { _ in (start: Double?.none, end: Double?.none) }
    for turn in activity.turns {
      spans[turn.layer].start = spans[turn.layer].start ?? Double(turn.cycles.lowerBound)
      spans[turn.layer].end = Double(turn.cycles.upperBound)
    }
    let accuracies = layers.indices.map { accuracy?.values[checked: $0] ?? nil }
    return """
      {"total":\(profile.totals.latencyCycles),"starts":\(.list(spans.map(\.start))),\
      "ends":\(.list(spans.map(\.end))),\
      "cycles":\(.list(layers.map { Double($0.latencyCycles) })),\
      "macs":\(.list(layers.map { Double($0.macs) })),\
      "util":\(.list(layers.map { $0.macs == 0 ? nil : $0.utilization })),\
      "accuracy":\(.list(accuracy == nil ? [] : accuracies)),\
      "memory":[\(.joined(memories, ","))]}
      """
  }
}

/// The name of a layer as far as charts and tables have room for it.
enum LayerName {
  /// Of a chain of fused names the first, elided in the middle.
  static func short(_ name: String, to count: Int = 44) -> String {
    name.firstOfFused.shortened(to: count)
  }

  /// The attribute that says more than the short name; nothing if there is no more. Names of ten thousand characters are
  /// elided here too.
  static func title(_ name: String, to count: Int = 44) -> HTMLText {
    short(name, to: count) == name ? "" : " title=\"\(name.shortened(to: 400))\""
  }
}

extension Figures {
  /// `0.146`, `12.3`, `1,234`: three digits, or all there are before the point.
  static func threeDigits(_ value: Double) -> String {
    let places = value >= 99.95 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3
    guard places > 0 else { return grouped(Int(value.rounded())) }
    let scale = [1, 10, 100, 1000][places]
    let scaled = Int((value * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    return "\(scaled / scale).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
  }
}

extension Array {
  /// Nil where there is no such element.
  subscript(checked index: Int) -> Element? { indices.contains(index) ? self[index] : nil }
}
