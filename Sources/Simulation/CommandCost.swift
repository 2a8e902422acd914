import Hardware
import Lowering

/// What a command costs on its own: cycles of its engine, and transfers through the ports of memories.
struct CommandCost {
  /// Cycles that the engine works, whatever the memories do.
  let computeCycles: Int
  /// At most three transfers: two reads and a write.
  var transfers: [Transfer] = []
  /// Cycles from the end of the last transfer until others may use the result.
  let latencyCycles: Int

  struct Transfer {
    /// The index of the memory.
    let port: Int
    /// Bytes that are asked for, and bytes that the port is busy with: whole bursts.
    let bytes: Int
    let burstBytes: Int
    let isWrite: Bool
  }

  init(_ action: Action, on target: TargetDescription) {
    for access in action.accesses where access.memory < target.memories.count {
      let runs = access.tile.runs
      let burst = target.memories[access.memory].burstBytes
      let bursts = runs.count * dividedUp(runs.byteCount, burst) * burst
      transfers.append(
        Transfer(
          port: access.memory, bytes: runs.count * runs.byteCount, burstBytes: bursts,
          isWrite: access.isWrite))
    }
    computeCycles = Self.computeCycles(action, target)
    latencyCycles = Self.latency(action, transfers, target)
  }

  private static func computeCycles(_ action: Action, _ target: TargetDescription) -> Int {
    switch action {
    case .copy, .load: return 0
    case .convolve(let convolve):
      return target.array.cycles(
        block: .init(height: convolve.height, width: convolve.width, depth: convolve.depth),
        kernel: convolve.window.kernel, channels: convolve.inputDepth, convolve.mode)
    case .rescale(let rescale):
      return target.rescaleCycles(
        elements: rescale.result.byteCount, hasActivation: rescale.hasActivation)
    case .pool(let pool):
      let tile = pool.result
      return target.poolCycles(
        block: .init(height: tile.height, width: tile.width, depth: tile.channels),
        kernel: pool.window.kernel, isMaximum: pool.isMaximum)
    case .add(let add): return target.addCycles(elements: add.result.byteCount)
    case .softmax(let softmax):
      return target.softmaxCycles(rows: softmax.rows, depth: softmax.depth)
    case .callHost(let call):
      let work = call.op.work(call.site.operands, call.site.results)
      return target.hostCycles(macs: work.macs, elements: work.elementOperations)
    }
  }

  /// Weights and parameters are fetched ahead of their use, so that the array and the output stage do not wait for
  /// the first of them; what is written is there after the memory's write latency.
  private static func latency(
    _ action: Action, _ transfers: [Transfer], _ target: TargetDescription
  ) -> Int {
    let awaited = transfers.filter { transfer in
      if transfer.isWrite { return true }
      switch action {
      case .copy, .load, .callHost, .softmax: return true
      case .convolve, .rescale, .pool, .add: return false
      }
    }
    return awaited.map {
      let memory = target.memories[$0.port]
      return $0.isWrite ? memory.writeLatencyCycles : memory.readLatencyCycles
    }.max() ?? 0
  }
}
