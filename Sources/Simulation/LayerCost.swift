import Hardware
import Lowering

/// What one layer of a program costs.
public struct LayerCost: Hashable, Sendable {
  /// The cycles by which the layer prolongs the program: from each result of another layer to its own next one.
  public var latencyCycles = 0
  /// The cycles that the engine computes which does the layer's work.
  public var computeCycles = 0
  /// Bytes read from and written to each memory.
  ///
  /// In the order of the target's memories, without what bursts add.
  public var readBytes: [Int]
  /// As `readBytes`.
  public var writtenBytes: [Int]
  /// The cycles for which the busiest memory is busy with the layer's own transfers.
  public var memoryCycles = 0
  /// The cycles for which the busiest memory is busy while the layer runs, with whatever transfers.
  public var portCycles = 0

  package init(readBytes: [Int], writtenBytes: [Int]) {
    self.readBytes = readBytes
    self.writtenBytes = writtenBytes
  }

  /// What the layer's time is spent on.
  public enum Bound: String, Sendable, Codable {
    case compute, memory
    /// Neither the engine nor a memory is busy for half of the time: waiting, latencies, filling of pipelines.
    case overhead
  }

  /// The busier of engine and memory, if it is busy for half of the time; else the layer may still wait for data
  /// that stand in line behind those of other layers.
  public var bound: Bound {
    guard latencyCycles > 0 else { return .overhead }
    if 2 * max(computeCycles, memoryCycles) >= latencyCycles {
      return computeCycles >= memoryCycles ? .compute : .memory
    }
    return 2 * portCycles >= latencyCycles ? .memory : .overhead
  }

  /// The costs of all layers; their latencies add up to the time of the last result, rounded up.
  static func all(
    _ program: Program, _ costs: CommandCosts, turns: [LayerTurn], ports: PortActivity
  ) -> [LayerCost] {
    let memories = program.target.memories
    let empty = Array(repeating: 0, count: memories.count)
    var layers = program.layers.map { _ in LayerCost(readBytes: empty, writtenBytes: empty) }
    var busy = program.layers.map { _ in empty }
    let engines = program.layers.map(\.engine)
    for index in program.commands.indices {
      let layer = program.commands[index].layer
      if program.commands[index].action.engine == engines[layer] {
        layers[layer].computeCycles += costs.computeCycles[index]
      }
      for position in costs.transfers(of: index) {
        let transfer = costs.transfers[position]
        let port = Int(transfer.port)
        busy[layer][port] += transfer.burstBytes
        if transfer.isWrite {
          layers[layer].writtenBytes[port] += transfer.bytes
        } else {
          layers[layer].readBytes[port] += transfer.bytes
        }
      }
    }
    for turn in turns {
      layers[turn.layer].latencyCycles += turn.cycles.count
      let (start, end) = (Double(turn.cycles.lowerBound), Double(turn.cycles.upperBound))
      layers[turn.layer].portCycles += Int(ports.busiestCycles(from: start, to: end).rounded())
    }
    for layer in layers.indices { layers[layer].setMemoryCycles(busy[layer], memories) }
    return layers
  }

  private mutating func setMemoryCycles(
    _ busyBytes: [Int], _ memories: [TargetDescription.Memory]
  ) {
    let cycles = zip(busyBytes, memories).map { Double($0) / $1.bytesPerCycle }
    memoryCycles = Int((cycles.max() ?? 0).rounded(.up))
  }
}
