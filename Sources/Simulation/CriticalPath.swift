import Hardware
import Lowering

/// What bounds a program: the chain of commands for which its last result waits.
///
/// A command starts when its engine has finished the command before, or when the last of its dependencies is
/// complete; whichever comes later is the link before it. From the command that ends last, links lead back to
/// cycle 0. What other commands do meanwhile costs no time.
public struct CriticalPath: Hashable, Sendable {
  /// Of each layer of the program, the cycles of its commands on the path; none if it is hidden behind others.
  ///
  /// They add up to the timeline's `latencyCycles` exactly.
  public let layers: [CriticalCycles]

  /// The sums over all layers.
  public let total: CriticalCycles

  /// Follows the path through the timeline of a program.
  ///
  /// - Precondition: the timeline is that of the program.
  /// - Complexity: O(commands).
  public init(of program: Program, _ timeline: Timeline) {
    var search = BackwardSearch(program, timeline)
    search.run()
    layers = search.layers
    let none = CriticalCycles(memoryCount: program.target.memories.count)
    total = layers.reduce(none) { $0 + $1 }
  }
}

/// Cycles on the critical path, by what they are spent on.
public struct CriticalCycles: Hashable, Sendable {
  /// The array multiplies.
  public private(set) var compute = 0
  /// The array waits for its weights to be decoded, which takes longer than to multiply with them.
  public private(set) var weightDecode = 0
  /// The output stage rescales, adds or pools.
  public private(set) var output = 0
  /// An engine has nothing left to do but to wait for its transfers, by the memory whose transfer was done last.
  ///
  /// In the order of the target's memories.
  public private(set) var memory: [Int]
  /// A result is under way to those that wait for it: latencies of memories, and results that come in order.
  public private(set) var dependency = 0
  /// The fixed part of calls to the host, and gaps between steps of the array.
  public private(set) var overhead = 0
  /// The host computes.
  public private(set) var host = 0

  /// No cycles on a target with so many memories.
  package init(memoryCount: Int) { memory = Array(repeating: 0, count: memoryCount) }

  /// All of the cycles.
  public var sum: Int {
    memory.reduce(compute + weightDecode + output + dependency + overhead + host, +)
  }

  static func + (a: Self, b: Self) -> Self {
    var sum = a
    sum.compute += b.compute
    sum.weightDecode += b.weightDecode
    sum.output += b.output
    sum.memory = zip(a.memory, b.memory).map { $0 + $1 }
    sum.dependency += b.dependency
    sum.overhead += b.overhead
    sum.host += b.host
    return sum
  }

  /// What a cycle is spent on.
  fileprivate enum Purpose {
    case compute, weightDecode, output, dependency, overhead, host
    /// By the memory's index.
    case memory(Int)
  }

  fileprivate mutating func add(_ cycles: Int, to purpose: Purpose) {
    switch purpose {
    case .compute: compute += cycles
    case .weightDecode: weightDecode += cycles
    case .output: output += cycles
    case .memory(let index): memory[index] += cycles
    case .dependency: dependency += cycles
    case .overhead: overhead += cycles
    case .host: host += cycles
    }
  }
}

/// The way from the last result back to cycle 0.
private struct BackwardSearch {
  private(set) var layers: [CriticalCycles]

  private let program: Program
  private let timeline: Timeline
  /// The cycles from 0 that are still to be explained.
  private var cyclesLeft = 0

  init(_ program: Program, _ timeline: Timeline) {
    self.program = program
    self.timeline = timeline
    let empty = CriticalCycles(memoryCount: program.target.memories.count)
    layers = Array(repeating: empty, count: program.layers.count)
  }

  mutating func run() {
    let ends = timeline.ends
    guard var command = ends.indices.max(by: { ends[$0] < ends[$1] }) else { return }
    cyclesLeft = Int(ends[command].rounded(.up))
    while true {
      explain(command)
      let cause = cause(of: command)
      explain(.overhead, of: command, from: cause?.time ?? 0)
      guard let cause else { return }
      command = cause.command
    }
  }

  /// From the command's result, if that was waited for, back to its start.
  private mutating func explain(_ command: Int) {
    explain(.dependency, of: command, from: timeline.releases[command])
    let (purpose, fixedCycles) = computation(program.commands[command].action)
    let (start, cycles) = (timeline.starts[command], timeline.computeCycles[command])
    if timeline.slowestPorts[command] >= 0 {
      let port = Int(timeline.slowestPorts[command])
      explain(.memory(port), of: command, from: start + Double(cycles))
    }
    explain(purpose, of: command, from: start + Double(min(cycles, fixedCycles)))
    explain(.overhead, of: command, from: start)
  }

  /// Gives a purpose to all from `time` on that has none yet.
  ///
  /// Times are rounded, not durations, so that no cycle is lost.
  private mutating func explain(
    _ purpose: CriticalCycles.Purpose, of command: Int, from time: Double
  ) {
    let begin = min(cyclesLeft, Int(time.rounded()))
    layers[program.commands[command].layer].add(cyclesLeft - begin, to: purpose)
    cyclesLeft = begin
  }

  /// What the engine computes for, and the cycles of that which do none of the work.
  private func computation(
    _ action: Action
  ) -> (purpose: CriticalCycles.Purpose, fixedCycles: Int) {
    switch action {
    // They only transfer.
    case .copy, .load: return (.overhead, 0)
    case .convolve(let convolve):
      let cost = convolve.cost(on: program.target.array)
      return (cost.isDecoding ? .weightDecode : .compute, cost.gapCycles)
    case .rescale, .pool, .add, .softmax: return (.output, 0)
    case .callHost: return (.host, program.target.host.callCycles)
    }
  }

  /// For what the command waited last, and until when; nil if it did not wait.
  private func cause(of command: Int) -> (command: Int, time: Double)? {
    let waited = program.commands[command].dependencies.lastCommands
    var cause: (command: Int, time: Double)?
    for engine in waited.indices where waited[engine] >= 0 {
      let dependency = Int(waited[engine])
      let end = timeline.ends[dependency]
      if end > cause?.time ?? 0 { cause = (dependency, end) }
    }
    let predecessor = Int(timeline.predecessors[command])
    guard predecessor >= 0 else { return cause }
    let release = timeline.releases[predecessor]
    // Sums of fractions differ by rounding errors; a busy engine is a cause, whatever else there is.
    if let cause, cause.time > release + 1e-6 { return cause }
    return (predecessor, release)
  }
}
