import Hardware
import Lowering

/// What one layer of a program costs.
public struct LayerCost: Hashable, Sendable {
  /// The cycles by which the layer prolongs the program: from when all layers before it are complete to when it is.
  public var latencyCycles = 0
  /// The cycles that the engine computes which does the layer's work.
  public var computeCycles = 0
  /// Bytes read from and written to each memory.
  public var readBytes: [Int]
  public var writtenBytes: [Int]
  /// The cycles for which the busiest memory is busy with the layer.
  public var memoryCycles = 0
  /// The memory that is busiest with the layer; nil if none is used.
  public var busiestMemory: Int?

  /// What the layer's time is spent on.
  public enum Bound: String, Sendable, Codable {
    case compute, memory
    /// Neither the engine nor a memory is busy for half of the time: waiting, latencies, filling of pipelines.
    case overhead
  }

  public var bound: Bound {
    guard 2 * max(computeCycles, memoryCycles) >= latencyCycles, latencyCycles > 0 else {
      return .overhead
    }
    return computeCycles >= memoryCycles ? .compute : .memory
  }

  /// The costs of all layers; their latencies add up to the time of the last result, rounded up.
  static func all(_ program: Program, _ costs: [CommandCost], ends: [Double]) -> [LayerCost] {
    let memories = program.target.memories
    let empty = Array(repeating: 0, count: memories.count)
    var layers = program.layers.map { _ in LayerCost(readBytes: empty, writtenBytes: empty) }
    var busy = program.layers.map { _ in empty }
    var layerEnds = Array(repeating: 0.0, count: layers.count)
    for (index, command) in program.commands.enumerated() {
      let layer = command.layer
      layerEnds[layer] = max(layerEnds[layer], ends[index])
      if command.action.engine == program.layers[layer].engine {
        layers[layer].computeCycles += costs[index].computeCycles
      }
      for transfer in costs[index].transfers {
        busy[layer][transfer.port] += transfer.burstBytes
        if transfer.isWrite {
          layers[layer].writtenBytes[transfer.port] += transfer.bytes
        } else {
          layers[layer].readBytes[transfer.port] += transfer.bytes
        }
      }
    }
    var end = 0
    for layer in layers.indices {
      let layerEnd = max(end, Int(layerEnds[layer].rounded(.up)))
      layers[layer].latencyCycles = layerEnd - end
      end = layerEnd
      layers[layer].setMemoryCycles(busy[layer], memories)
    }
    return layers
  }

  private mutating func setMemoryCycles(
    _ busyBytes: [Int], _ memories: [TargetDescription.Memory]
  ) {
    let cycles = zip(busyBytes, memories).map { Double($0) / $1.bytesPerCycle }
    guard let most = cycles.indices.max(by: { cycles[$0] < cycles[$1] }), cycles[most] > 0 else {
      return
    }
    memoryCycles = Int(cycles[most].rounded(.up))
    busiestMemory = most
  }
}
