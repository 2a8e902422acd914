import Hardware
import Lowering

/// When each command of a program starts and is complete, in cycles of the target's clock.
///
/// Each engine works on one command after the other, in the program's order. A command starts when the engine is
/// free and all that it depends on is complete; it holds the engine until its computation and its transfers are done.
/// Transfers that use one memory at the same time share its bandwidth equally, and none is faster than its engine can
/// ask for bytes.
public struct Timeline: Sendable {
  /// Of each command.
  public let starts: [Double]
  /// Of each command, when its result may be used: `latencyCycles` after the engine is free again.
  public let ends: [Double]
  /// Of each command, when its engine is free for the next; commands of one engine never overlap until then.
  public let releases: [Double]
  /// Of each command, the cycles that its engine computes, whatever the memories do.
  public let computeCycles: [Int]
  /// Of each command, the memory whose transfer ended last, by its index; negative if it has no transfer.
  let slowestPorts: [Int8]
  /// Of each command, the one that its engine did before; negative if there is none.
  let predecessors: [Int32]
  /// The run cut into pieces that belong to layers, whose latencies they add up to.
  public let turns: [LayerTurn]
  /// What each layer of the program costs.
  public let layers: [LayerCost]

  /// The cycles from the start to the last result.
  public var latencyCycles: Int { layers.reduce(0) { $0 + $1.latencyCycles } }

  /// Times the program without touching any data, so constants may be elided.
  ///
  /// - Precondition: no command waits for one behind it, directly or not; the verifier makes sure.
  /// - Complexity: O(commands), engines and memories being few.
  public init(of program: Program) { self.init(of: program) { _ in nil } }

  /// As `init(of:)`, as if some commands took other cycles to compute than the target says.
  ///
  /// - Parameter cycles: nil for commands that stay as they are.
  package init(of program: Program, replacingCycles cycles: (Command) -> Int?) {
    let costs = program.commands.map { command in
      var cost = CommandCost(command.action, on: program.target)
      if let replacement = cycles(command) { cost.computeCycles = replacement }
      return cost
    }
    var queues = EngineQueues(program, costs)
    queues.run()
    starts = queues.starts
    ends = queues.ends
    releases = queues.releases
    slowestPorts = queues.slowestPorts
    predecessors = queues.predecessors
    computeCycles = costs.map(\.computeCycles)
    turns = LayerTurn.all(program, ends: queues.ends)
    layers = LayerCost.all(program, costs, turns: turns, ports: queues.ports)
  }
}

/// The engines while the program runs.
private struct EngineQueues {
  private(set) var starts: [Double]
  /// NaN until the command is complete.
  private(set) var ends: [Double]
  private(set) var releases: [Double]
  private(set) var slowestPorts: [Int8]
  private(set) var predecessors: [Int32]
  private(set) var ports: PortActivity

  private let commands: [Command]
  private let costs: [CommandCost]
  private let target: TargetDescription
  private let bytesPerCycle: [Double]
  private let queues: [[Int32]]
  private var next = Array(repeating: 0, count: Engine.allCases.count)
  private var active: [Active?] = Array(repeating: nil, count: Engine.allCases.count)
  /// When the last command of each engine is complete: results come in order.
  private var lastEnd = Array(repeating: 0.0, count: Engine.allCases.count)
  private var now = 0.0

  /// A command under way: when its computation ends, and the bytes that are left of its transfers.
  private struct Active {
    let command: Int
    let computeEnd: Double
    var bytesLeft = SIMD8<Double>(repeating: 0)
    var ports = SIMD8<Int>(repeating: -1)
    /// The most bytes per cycle of each transfer, however free its port is.
    var limits = SIMD8<Double>(repeating: .infinity)
    /// Of the transfer that was done last; -1 until one is.
    var slowestPort = -1

    func rate(_ slot: Int, _ rates: [Double]) -> Double { min(rates[ports[slot]], limits[slot]) }
  }

  init(_ program: Program, _ costs: [CommandCost]) {
    commands = program.commands
    self.costs = costs
    target = program.target
    bytesPerCycle = program.target.memories.map(\.bytesPerCycle)
    ports = PortActivity(count: bytesPerCycle.count)
    starts = Array(repeating: 0, count: commands.count)
    ends = Array(repeating: .nan, count: commands.count)
    releases = ends
    slowestPorts = Array(repeating: -1, count: commands.count)
    predecessors = Array(repeating: -1, count: commands.count)
    var queues: [[Int32]] = Engine.allCases.map { _ in [] }
    for (index, command) in commands.enumerated() {
      queues[command.action.engine.rawValue].append(Int32(index))
    }
    self.queues = queues
  }

  /// From one event to the next: between two, every transfer keeps its share of the bandwidth.
  mutating func run() {
    while true {
      // First, because what starts now takes its share of the bandwidth from now on.
      let wake = startReady()
      let users = portUsers()
      let rates = zip(bytesPerCycle, users).map { $0 / Double(max(1, $1)) }
      guard let step = nextStep(rates, wake) else { break }
      advance(by: step, rates)
      ports.record(users, until: now)
      finish()
    }
    precondition(!ends.contains { $0.isNaN }, "commands wait for each other in a circle")
  }

  /// Starts what can start, and says when the next command could that waits only for a result under way.
  private mutating func startReady() -> Double {
    var wake = Double.infinity
    for engine in queues.indices where active[engine] == nil && next[engine] < queues[engine].count
    {
      let command = Int(queues[engine][next[engine]])
      let ready = readyTime(command)
      if ready <= now {
        start(command, engine)
      } else if !ready.isNaN {
        wake = min(wake, ready)
      }
    }
    return wake
  }

  /// When all that the command depends on is complete; NaN if that is not known yet.
  /// One command for each engine is enough: an engine completes its commands in order.
  private func readyTime(_ command: Int) -> Double {
    var ready = 0.0
    for engine in Engine.allCases {
      guard let dependency = commands[command].dependencies[engine] else { continue }
      let end = ends[dependency]
      if end.isNaN { return .nan }
      ready = max(ready, end)
    }
    return ready
  }

  private mutating func start(_ command: Int, _ engine: Int) {
    starts[command] = now
    if next[engine] > 0 { predecessors[command] = queues[engine][next[engine] - 1] }
    next[engine] += 1
    var work = Active(command: command, computeEnd: now + Double(costs[command].computeCycles))
    for (slot, transfer) in costs[command].transfers.enumerated() {
      work.bytesLeft[slot] = Double(transfer.burstBytes)
      work.ports[slot] = transfer.port
      work.limits[slot] = 1 / cyclesPerByte(transfer, of: command)
    }
    active[engine] = work
  }

  /// The least cycles for each byte of a transfer, however free its port is.
  private func cyclesPerByte(_ transfer: CommandCost.Transfer, of command: Int) -> Double {
    let memory = target.memories[transfer.port]
    if transfer.isWrite { return memory.writeCyclesPerByte }
    let cycles = memory.readCyclesPerByte(bytesInFlight: costs[command].bytesInFlight)
    return max(0, cycles - cyclesAhead(of: command) / Double(max(1, transfer.burstBytes)))
  }

  /// For how long a command's reads may have been under way: the output stage asks for parameters as soon as it is
  /// free, while the array still works on what they are for.
  private func cyclesAhead(of command: Int) -> Double {
    guard case .rescale = commands[command].action else { return 0 }
    return predecessors[command] < 0 ? now : now - releases[Int(predecessors[command])]
  }

  /// How many transfers use each port now; they share its bandwidth.
  private func portUsers() -> [Int] {
    var users = Array(repeating: 0, count: bytesPerCycle.count)
    for case let work? in active {
      for slot in 0..<CommandCost.Transfers.capacity where work.bytesLeft[slot] > 0 {
        users[work.ports[slot]] += 1
      }
    }
    return users
  }

  /// The time until the next transfer or computation ends, or a command can start; nil if nothing is left.
  private func nextStep(_ rates: [Double], _ wake: Double) -> Double? {
    // Infinite if no command waits for a time that is known.
    var step = wake - now
    for case let work? in active {
      if work.computeEnd > now { step = min(step, work.computeEnd - now) }
      for slot in 0..<CommandCost.Transfers.capacity where work.bytesLeft[slot] > 0 {
        step = min(step, work.bytesLeft[slot] / work.rate(slot, rates))
      }
      // Done already: it had neither computation nor transfers, and only has to be finished.
      if work.computeEnd <= now, work.bytesLeft == .zero { step = 0 }
    }
    return step.isFinite ? step : nil
  }

  private mutating func advance(by step: Double, _ rates: [Double]) {
    now += step
    for engine in active.indices {
      guard var work = active[engine] else { continue }
      for slot in 0..<CommandCost.Transfers.capacity where work.bytesLeft[slot] > 0 {
        let left = work.bytesLeft[slot] - step * work.rate(slot, rates)
        // Less than a thousandth of a byte is what rounding leaves over.
        work.bytesLeft[slot] = left < 1e-3 ? 0 : left
        if left < 1e-3 { work.slowestPort = work.ports[slot] }
      }
      active[engine] = work
    }
  }

  /// Frees the engines whose commands have neither computation nor transfers left.
  private mutating func finish() {
    for engine in active.indices {
      // Sums of fractions may miss the end by a rounding error.
      guard let work = active[engine], work.computeEnd <= now + 1e-6, work.bytesLeft == .zero else {
        continue
      }
      let end = now + Double(costs[work.command].latencyCycles)
      lastEnd[engine] = max(lastEnd[engine], end)
      ends[work.command] = lastEnd[engine]
      releases[work.command] = now
      slowestPorts[work.command] = Int8(work.slowestPort)
      active[engine] = nil
    }
  }
}
