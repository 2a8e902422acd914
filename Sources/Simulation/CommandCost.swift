import Hardware
import Lowering

/// What a command costs on its own: cycles of its engine, and transfers through the ports of memories.
///
/// Programs have tens of thousands of commands, so a cost owns no memory, and is made anew where it is asked for.
struct CommandCost {
  /// Cycles that the engine works, whatever the memories do.
  var computeCycles: Int
  /// Cycles from the end of the last transfer until others may use the result.
  let latencyCycles: Int
  /// What the engine may have asked memories for and not got yet; nil if nothing limits it.
  let bytesInFlight: Int?
  /// Whether its engine asks for what it reads as soon as it is free: the output stage for parameters, while the array
  /// still works on what they are for.
  let readsAhead: Bool
  let transfers: Transfers

  /// - Parameter ports: those of the target's memories.
  init(
    _ action: borrowing Action, on target: borrowing TargetDescription,
    _ ports: borrowing [TargetDescription.Memory.Speed]
  ) {
    // The last index is the buffer inside the NPU, which costs no transfer.
    var transfers = Transfers()
    let accesses = action.accessList
    let streamsConstants = action.streamsConstants
    for position in 0..<accesses.count where accesses[position].memory < ports.count {
      let access = accesses[position]
      let runs = access.tile.runs
      let burst = ports[access.memory].burstBytes
      let bursts =
        streamsConstants && !access.isWrite
        ? Self.newBursts(access.hull, burst) : runs.count * dividedUp(runs.byteCount, burst)
      transfers.add(
        Transfer(
          port: access.memory, bytes: runs.count * runs.byteCount, burstBytes: bursts * burst,
          isWrite: access.isWrite))
    }
    self.transfers = transfers
    computeCycles = Self.computeCycles(action, target)
    bytesInFlight = Self.bytesInFlight(action, target.copies.bytesInFlight)
    latencyCycles = Self.latency(action, transfers, ports, bytesInFlight)
    readsAhead = action.readsAhead
  }

  /// The bursts that begin within some bytes: constants of one block follow those of another without a gap, and a
  /// burst that is read for one also brings the beginning of the next.
  private static func newBursts(_ bytes: Range<Int>, _ burst: Int) -> Int {
    dividedUp(bytes.upperBound, burst) - dividedUp(bytes.lowerBound, burst)
  }

  struct Transfer {
    /// The index of the memory.
    let port: Int
    /// Bytes that are asked for, and bytes that the port is busy with: whole bursts.
    var bytes: Int
    var burstBytes: Int
    let isWrite: Bool

    fileprivate static var none: Transfer {
      Transfer(port: 0, bytes: 0, burstBytes: 0, isWrite: false)
    }
  }

  /// Up to six transfers, in both directions through three ports: those of one direction through one port count as one.
  struct Transfers {
    private(set) var count = 0
    private var slots = (
      Transfer.none, Transfer.none, Transfer.none, Transfer.none, Transfer.none, Transfer.none
    )

    static let capacity = 6

    mutating func add(_ transfer: Transfer) {
      for slot in 0..<count
      where self[slot].port == transfer.port && self[slot].isWrite == transfer.isWrite {
        self[slot].bytes += transfer.bytes
        self[slot].burstBytes += transfer.burstBytes
        return
      }
      precondition(count < Self.capacity, "a command uses at most three memories")
      count += 1
      self[count - 1] = transfer
    }

    /// One of the first `count`.
    private(set) subscript(slot: Int) -> Transfer {
      get {
        switch slot {
        case 0: slots.0
        case 1: slots.1
        case 2: slots.2
        case 3: slots.3
        case 4: slots.4
        default: slots.5
        }
      }
      set {
        switch slot {
        case 0: slots.0 = newValue
        case 1: slots.1 = newValue
        case 2: slots.2 = newValue
        case 3: slots.3 = newValue
        case 4: slots.4 = newValue
        default: slots.5 = newValue
        }
      }
    }
  }

  private static func computeCycles(_ action: Action, _ target: TargetDescription) -> Int {
    switch action {
    case .copy, .load: return 0
    case .convolve(let convolve): return convolve.cost(on: target.array).cycles
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
    _ action: Action, _ transfers: Transfers, _ ports: [TargetDescription.Memory.Speed],
    _ bytesInFlight: Int?
  ) -> Int {
    let waitsForReads =
      switch action {
      case .copy, .load, .callHost, .softmax: true
      case .convolve, .rescale, .pool, .add: false
      }
    var latency = 0
    for slot in 0..<transfers.count {
      let transfer = transfers[slot]
      let memory = ports[transfer.port]
      if transfer.isWrite {
        latency = max(latency, memory.writeLatencyCycles)
      } else if waitsForReads {
        let read = memory.readLatency(bytes: transfer.burstBytes, bytesInFlight: bytesInFlight)
        latency = max(latency, Int(read.rounded(.up)))
      }
    }
    return latency
  }

  private static func bytesInFlight(
    _ action: Action, _ bytes: TargetDescription.BytesInFlight?
  ) -> Int? {
    switch action {
    case .copy: bytes?.mover
    case .load: bytes?.reader
    case .convolve: bytes?.array
    case .rescale: bytes?.parameters
    case .pool, .add, .softmax, .callHost: nil
    }
  }
}

extension Convolve {
  /// The cycles that the array takes, and what for.
  func cost(on array: TargetDescription.Array) -> TargetDescription.Array.BlockCost {
    array.cost(
      block: .init(height: height, width: width, depth: depth), kernel: window.kernel,
      channels: inputDepth, mode)
  }
}

extension Action {
  fileprivate var readsAhead: Bool {
    if case .rescale = self { true } else { false }
  }

  /// Whether all that it reads of memories is constants, in the order in which they lie there.
  fileprivate var streamsConstants: Bool {
    switch self {
    case .convolve, .rescale: true
    case .copy, .load, .pool, .add, .softmax, .callHost: false
    }
  }
}
