import Hardware
import Lowering

/// The engines while a program runs.
///
/// Programs have tens of thousands of commands, so nothing here takes memory for one of them.
struct EngineQueues {
  private(set) var starts: [Double]
  /// NaN until the command is complete.
  private(set) var ends: [Double]
  private(set) var releases: [Double]
  private(set) var slowestPorts: [Int8]
  private(set) var predecessors: [Int32]
  private(set) var ports: PortActivity

  private let commands: [Command]
  private let costs: CommandCosts
  private let speeds: [TargetDescription.Memory.Speed]
  private let queues: [[Int32]]
  private var next = Array(repeating: 0, count: Engine.allCases.count)
  /// Of each engine.
  private var works = Array(repeating: Work(), count: Engine.allCases.count)
  /// Of each engine as many as a command can have; those of its work come first.
  private var transfers = Array(
    repeating: Transfer(), count: Engine.allCases.count * CommandCosts.mostTransfers)
  /// Of each port, how many transfers use it now; they share its bandwidth.
  private var users: [Int]
  /// Of each port, the bytes per cycle of each that uses it.
  private var rates: [Double]
  /// When the last command of each engine is complete: results come in order.
  private var lastEnd = Array(repeating: 0.0, count: Engine.allCases.count)
  private var now = 0.0

  /// What an engine does.
  private struct Work {
    /// Negative while it does nothing.
    var command = -1
    var computeEnd = 0.0
    /// Where its transfers stand.
    var transfers = 0..<0
    /// How many of them are not done.
    var openTransfers = 0
    /// Of the transfer that was done last; -1 until one is.
    var slowestPort = -1
  }

  private struct Transfer {
    var port = 0
    var bytesLeft = 0.0
    /// The most bytes per cycle, however free its port is.
    var limit = Double.infinity
  }

  init(_ program: Program, _ costs: CommandCosts) {
    self.costs = costs
    commands = program.commands
    speeds = program.target.memories.map(TargetDescription.Memory.Speed.init)
    users = speeds.map { _ in 0 }
    rates = speeds.map(\.bytesPerCycle)
    ports = PortActivity(count: speeds.count)
    let count = program.commands.count
    starts = Array(repeating: 0, count: count)
    ends = Array(repeating: .nan, count: count)
    releases = ends
    slowestPorts = Array(repeating: -1, count: count)
    predecessors = Array(repeating: -1, count: count)
    var queues: [[Int32]] = Engine.allCases.map { _ in [] }
    for index in program.commands.indices {
      queues[program.commands[index].action.engine.rawValue].append(Int32(index))
    }
    self.queues = queues
  }

  /// From one event to the next: between two, every transfer keeps its share of the bandwidth.
  mutating func run() {
    while true {
      // First, because what starts now takes its share of the bandwidth from now on.
      let wake = startReady()
      shareBandwidth()
      guard let step = nextStep(wake) else { break }
      advance(by: step)
      ports.record(users, until: now)
      finish()
    }
    precondition(!ends.contains { $0.isNaN }, "commands wait for each other in a circle")
  }

  /// Starts what can start, and says when the next command could that waits only for a result under way.
  private mutating func startReady() -> Double {
    var wake = Double.infinity
    for engine in queues.indices
    where works[engine].command < 0 && next[engine] < queues[engine].count {
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
    let waited = commands[command].dependencies.lastCommands
    var ready = 0.0
    for engine in waited.indices where waited[engine] >= 0 {
      let end = ends[Int(waited[engine])]
      if end.isNaN { return .nan }
      ready = max(ready, end)
    }
    return ready
  }

  private mutating func start(_ command: Int, _ engine: Int) {
    starts[command] = now
    if next[engine] > 0 { predecessors[command] = queues[engine][next[engine] - 1] }
    next[engine] += 1
    let first = engine * CommandCosts.mostTransfers
    var work = Work()
    work.command = command
    work.computeEnd = now + Double(costs.computeCycles[command])
    var end = first
    for position in costs.transfers(of: command) {
      let transfer = costs.transfers[position]
      transfers[end] = Transfer(
        port: Int(transfer.port), bytesLeft: Double(transfer.burstBytes),
        limit: 1 / cyclesPerByte(transfer, of: command))
      if transfer.burstBytes > 0 { work.openTransfers += 1 }
      end += 1
    }
    work.transfers = first..<end
    works[engine] = work
  }

  /// The least cycles for each byte of a transfer, however free its port is.
  private func cyclesPerByte(_ transfer: CommandCosts.Transfer, of command: Int) -> Double {
    guard transfer.isAskedAhead else { return transfer.cyclesPerByte }
    // For how long it may have been under way.
    let cycles =
      predecessors[command] < 0 ? now : now - releases[Int(predecessors[command])]
    return max(0, transfer.cyclesPerByte - cycles / Double(max(1, transfer.burstBytes)))
  }

  private mutating func shareBandwidth() {
    for port in users.indices { users[port] = 0 }
    for work in works where work.command >= 0 && work.openTransfers > 0 {
      for slot in work.transfers where transfers[slot].bytesLeft > 0 {
        users[transfers[slot].port] += 1
      }
    }
    for port in users.indices {
      rates[port] = speeds[port].bytesPerCycle / Double(max(1, users[port]))
    }
  }

  private func rate(_ transfer: Transfer) -> Double { min(rates[transfer.port], transfer.limit) }

  /// The time until the next transfer or computation ends, or a command can start; nil if nothing is left.
  private func nextStep(_ wake: Double) -> Double? {
    // Infinite if no command waits for a time that is known.
    var step = wake - now
    for work in works where work.command >= 0 {
      if work.computeEnd > now { step = min(step, work.computeEnd - now) }
      if work.openTransfers > 0 {
        for slot in work.transfers where transfers[slot].bytesLeft > 0 {
          step = min(step, transfers[slot].bytesLeft / rate(transfers[slot]))
        }
      } else if work.computeEnd <= now {
        // Done already: it had neither computation nor transfers, and only has to be finished.
        step = 0
      }
    }
    return step.isFinite ? step : nil
  }

  private mutating func advance(by step: Double) {
    now += step
    for engine in works.indices where works[engine].openTransfers > 0 {
      for slot in works[engine].transfers where transfers[slot].bytesLeft > 0 {
        let left = transfers[slot].bytesLeft - step * rate(transfers[slot])
        // Less than a thousandth of a byte is what rounding leaves over.
        if left < 1e-3 {
          transfers[slot].bytesLeft = 0
          works[engine].slowestPort = transfers[slot].port
          works[engine].openTransfers -= 1
        } else {
          transfers[slot].bytesLeft = left
        }
      }
    }
  }

  /// Frees the engines whose commands have neither computation nor transfers left.
  private mutating func finish() {
    for engine in works.indices {
      let work = works[engine]
      // Sums of fractions may miss the end by a rounding error.
      guard work.command >= 0, work.openTransfers == 0, work.computeEnd <= now + 1e-6 else {
        continue
      }
      let end = now + Double(costs.latencyCycles[work.command])
      lastEnd[engine] = max(lastEnd[engine], end)
      ends[work.command] = lastEnd[engine]
      releases[work.command] = now
      slowestPorts[work.command] = Int8(work.slowestPort)
      works[engine] = Work()
    }
  }
}
