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
  public init(of program: Program) { self.init(of: program, replacingCycles: nil) }

  /// As `init(of:)`, as if some commands took other cycles to compute than the target says.
  ///
  /// - Parameter cycles: gives nil for commands that stay as they are; nil if all do.
  package init(of program: Program, replacingCycles cycles: ((Command) -> Int?)?) {
    var queues = EngineQueues(program)
    let target = program.target
    let ports = target.memories.map(TargetDescription.Memory.Speed.init)
    queues.run { command in
      var cost = CommandCost(program.commands[command].action, on: target, ports)
      if let cycles, let replacement = cycles(program.commands[command]) {
        cost.computeCycles = replacement
      }
      return cost
    }
    starts = queues.starts
    ends = queues.ends
    releases = queues.releases
    slowestPorts = queues.slowestPorts
    predecessors = queues.predecessors
    computeCycles = queues.computeCycles
    turns = LayerTurn.all(program, ends: queues.ends)
    layers = LayerCost.all(program, queues.layerWorks, turns: turns, ports: queues.ports)
  }
}
