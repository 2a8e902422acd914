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
    _ program: Program, _ works: [LayerWork], turns: [LayerTurn], ports: PortActivity
  ) -> [LayerCost] {
    let memories = program.target.memories
    var layers = works.map { work in
      var layer = LayerCost(readBytes: work.readBytes, writtenBytes: work.writtenBytes)
      layer.computeCycles = work.computeCycles
      layer.setMemoryCycles(work.busyBytes, memories)
      return layer
    }
    for turn in turns {
      layers[turn.layer].latencyCycles += turn.cycles.count
      let (start, end) = (Double(turn.cycles.lowerBound), Double(turn.cycles.upperBound))
      layers[turn.layer].portCycles += Int(ports.busiestCycles(from: start, to: end).rounded())
    }
    return layers
  }

  private mutating func setMemoryCycles(
    _ busyBytes: [Int], _ memories: [TargetDescription.Memory]
  ) {
    let cycles = zip(busyBytes, memories).map { Double($0) / $1.bytesPerCycle }
    memoryCycles = Int((cycles.max() ?? 0).rounded(.up))
  }
}

/// What the commands of one layer compute and transfer.
struct LayerWork {
  /// For which the engine computes that does the layer's work.
  var computeCycles = 0
  /// Of each memory.
  private(set) var readBytes: [Int]
  private(set) var writtenBytes: [Int]
  /// Of each memory, with what bursts add.
  private(set) var busyBytes: [Int]

  init(portCount: Int) {
    readBytes = Array(repeating: 0, count: portCount)
    (writtenBytes, busyBytes) = (readBytes, readBytes)
  }

  mutating func add(_ transfer: CommandCost.Transfer) {
    busyBytes[transfer.port] += transfer.burstBytes
    if transfer.isWrite {
      writtenBytes[transfer.port] += transfer.bytes
    } else {
      readBytes[transfer.port] += transfer.bytes
    }
  }
}
