import Lowering
import Simulation

/// What engines and memories do over the time of a run: the source of every chart with a time axis.
public struct Activity: Sendable {
  /// Of each engine in turn, in order of time.
  public let slices: [Slice]
  /// Those that have commands.
  public let engines: [EngineUse]
  /// Of each memory of the target.
  public let bandwidth: [Bandwidth]
  /// Of each memory of the target.
  public let live: [LiveBytes]
  /// The pieces of the run that layers have in turn, which add up to their latencies.
  public let turns: [LayerTurn]
  /// The sums of the latencies of all layers before each, and last of all: where layers follow each other, when each
  /// begins to prolong the run.
  public let layerStarts: [Int]

  /// A time in which an engine works for one layer, short pauses included.
  public struct Slice: Hashable, Sendable {
    /// The engine that works.
    public let engine: Engine
    /// The index of the layer in the program.
    public let layer: Int
    /// In cycles.
    public let start: Double
    /// In cycles.
    public fileprivate(set) var end: Double
    /// How many commands were merged.
    public fileprivate(set) var commands: Int
  }

  /// How much of the run an engine works.
  public struct EngineUse: Hashable, Sendable {
    /// The engine.
    public let engine: Engine
    /// In which at least one of its commands is under way.
    public let busyCycles: Double
    /// All of them.
    public let commands: Int
  }

  /// The bytes that pass through a memory's port, in equal parts of the run.
  public struct Bandwidth: Hashable, Sendable {
    /// The index of the memory.
    public let memory: Int
    /// In each part. A command's bytes are spread evenly over its time.
    public let readBytes: [Double]
    /// As `readBytes`.
    public let writtenBytes: [Double]
  }

  /// The bytes of a memory that are in use.
  public struct LiveBytes: Hashable, Sendable {
    /// The index of the memory.
    public let memory: Int
    /// During each layer.
    public let bytes: [Int]

    /// The first layer during which the most bytes are in use; nil if the memory is never used.
    public var peakLayer: Int? {
      let peak = bytes.max() ?? 0
      return peak > 0 ? bytes.firstIndex(of: peak) : nil
    }
  }

  /// - Parameters:
  ///   - bins: into how many equal parts the run is divided for bandwidths.
  ///   - sliceLimit: how many slices there may be, if merging over short pauses brings them down to it.
  /// - Complexity: O(commands).
  public init(
    _ program: Program, _ timeline: Timeline, bins: Int = 320, sliceLimit: Int = 6000
  ) {
    layerStarts = timeline.layers.reduce(into: [0]) { $0.append($0.last! + $1.latencyCycles) }
    turns = timeline.turns
    let cycles = Double(max(1, timeline.latencyCycles))
    slices = Self.slices(program, timeline, cycles: cycles, limit: sliceLimit)
    engines = Self.engines(program, timeline)
    bandwidth = Self.bandwidth(program, timeline, binCycles: cycles / Double(bins), bins: bins)
    live = program.target.memories.indices.map { Self.live(program, memory: $0) }
  }
}

extension Activity {
  /// Merges over longer and longer pauses until there are few enough; pauses stay shorter than a thousandth of the run.
  private static func slices(
    _ program: Program, _ timeline: Timeline, cycles: Double, limit: Int
  ) -> [Slice] {
    var pause = 0.0
    while true {
      let slices = merged(program, timeline, pause: pause)
      if slices.count <= limit || pause >= cycles / 2000 { return slices }
      pause = max(2 * pause, cycles / 64_000)
    }
  }

  /// Commands of several layers may take turns, so each layer has a slice of its own that grows.
  private static func merged(
    _ program: Program, _ timeline: Timeline, pause: Double
  ) -> [Slice] {
    var slices: [[Slice]] = Engine.allCases.map { _ in [] }
    var open = Engine.allCases.map { _ in Array(repeating: -1, count: program.layers.count) }
    for index in program.commands.indices {
      let layer = program.commands[index].layer
      let engine = program.commands[index].action.engine.rawValue
      let (start, end) = (timeline.starts[index], timeline.ends[index])
      let last = open[engine][layer]
      if last >= 0, start - slices[engine][last].end <= pause {
        slices[engine][last].end = max(slices[engine][last].end, end)
        slices[engine][last].commands += 1
      } else {
        open[engine][layer] = slices[engine].count
        slices[engine].append(
          Slice(
            engine: program.commands[index].action.engine, layer: layer, start: start, end: end,
            commands: 1))
      }
    }
    return slices.flatMap { $0 }
  }

  private static func engines(_ program: Program, _ timeline: Timeline) -> [EngineUse] {
    var busy = Engine.allCases.map { _ in 0.0 }
    var ends = busy
    var counts = Engine.allCases.map { _ in 0 }
    for index in program.commands.indices {
      let engine = program.commands[index].action.engine.rawValue
      // Results may be under way to memory while the engine works on the next; time counts once.
      busy[engine] += max(0, timeline.ends[index] - max(ends[engine], timeline.starts[index]))
      ends[engine] = max(ends[engine], timeline.ends[index])
      counts[engine] += 1
    }
    return Engine.allCases.filter { counts[$0.rawValue] > 0 }.map {
      EngineUse(engine: $0, busyCycles: busy[$0.rawValue], commands: counts[$0.rawValue])
    }
  }

  private static func bandwidth(
    _ program: Program, _ timeline: Timeline, binCycles: Double, bins: Int
  ) -> [Bandwidth] {
    let memories = program.target.memories.count
    // Of each memory first what is read, and then what is written: one list, as this looks at each access.
    var bytes = Array(repeating: 0.0, count: 2 * memories * bins)
    for index in program.commands.indices {
      let time = (timeline.starts[index] / binCycles, timeline.ends[index] / binCycles)
      program.commands[index].action.forEachAccess { access in
        // The last memory is the buffer inside the NPU, which has no port.
        guard access.memory < memories else { return }
        let begin = (2 * access.memory + (access.isWrite ? 1 : 0)) * bins
        spread(
          Double(access.tile.byteCount), from: time.0, to: time.1,
          over: begin..<begin + bins, of: &bytes)
      }
    }
    return (0..<memories).map { memory in
      let parts = [2 * memory, 2 * memory + 1].map { Array(bytes[$0 * bins..<($0 + 1) * bins]) }
      return Bandwidth(memory: memory, readBytes: parts[0], writtenBytes: parts[1])
    }
  }

  /// Adds bytes in equal measure to the bins between two places, which are in widths of a bin.
  private static func spread(
    _ bytes: Double, from start: Double, to end: Double, over bins: Range<Int>,
    of sums: inout [Double]
  ) {
    let first = min(bins.count - 1, Int(start))
    let last = min(bins.count - 1, max(first, Int(end.rounded(.up)) - 1))
    guard first < last else { return sums[bins.lowerBound + first] += bytes }
    for bin in first...last {
      let width = min(end, Double(bin + 1)) - max(start, Double(bin))
      sums[bins.lowerBound + bin] += bytes * width / (end - start)
    }
  }

  /// For how many cycles of a layer's turns a memory's port is busy, with whatever transfers; as exactly as the parts of
  /// the run are short.
  func portCycles(of memory: Int, bytesPerCycle: Double, during layer: Int) -> Double {
    let use = bandwidth[memory]
    let binCycles = Double(max(1, layerStarts.last ?? 1)) / Double(use.readBytes.count)
    return turns.filter { $0.layer == layer }.reduce(0) { sum, turn in
      let (start, end) = (Double(turn.cycles.lowerBound), Double(turn.cycles.upperBound))
      let bins = Int(start / binCycles)...min(use.readBytes.count - 1, Int(end / binCycles))
      return bins.reduce(sum) { sum, bin in
        let (low, high) = (Double(bin) * binCycles, Double(bin + 1) * binCycles)
        let part = max(0, min(end, high) - max(start, low)) / binCycles
        return sum + part * (use.readBytes[bin] + use.writtenBytes[bin]) / bytesPerCycle
      }
    }
  }

  private static func live(_ program: Program, memory: Int) -> LiveBytes {
    var bytes = Array(repeating: 0, count: program.layers.count)
    for allocation in program.allocations where allocation.span.memory == memory {
      for layer in allocation.layers.clamped(to: 0...max(0, bytes.count - 1))
      where layer < bytes.count {
        bytes[layer] += allocation.span.byteCount
      }
    }
    return LiveBytes(memory: memory, bytes: bytes)
  }
}
