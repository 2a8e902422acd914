import Hardware
import Lowering

/// What the commands of a program cost, each on its own: cycles of its engine, and transfers through the ports of
/// memories.
///
/// Programs have tens of thousands of commands, so costs lie side by side and own no memory each.
struct CommandCosts {
  /// Of each command, the cycles that its engine works, whatever the memories do.
  private(set) var computeCycles: [Int] = []
  /// Of each command, the cycles from the end of the last transfer until others may use the result.
  private(set) var latencyCycles: [Int] = []
  /// Of all commands in turn: those of one command in one direction through one port count as one.
  private(set) var transfers: [Transfer] = []
  /// Where the transfers of each command end.
  private var transferEnds: [Int32] = []

  private let target: TargetDescription
  private let speeds: [TargetDescription.Memory.Speed]

  struct Transfer {
    /// The index of the memory.
    let port: Int32
    let isWrite: Bool
    /// Whether its engine asks for it as soon as it is free: the output stage for parameters, while the array still
    /// works on what they are for.
    let isAskedAhead: Bool
    /// The least cycles for each byte, however free the port is.
    let cyclesPerByte: Double
    /// Bytes that are asked for, and bytes that the port is busy with: whole bursts.
    var bytes: Int
    var burstBytes: Int
  }

  /// The most transfers of a command: in both directions through three ports.
  static let mostTransfers = 6

  init(_ program: Program) {
    target = program.target
    speeds = target.memories.map(TargetDescription.Memory.Speed.init)
    let count = program.commands.count
    computeCycles.reserveCapacity(count)
    latencyCycles.reserveCapacity(count)
    transferEnds.reserveCapacity(count)
    transfers.reserveCapacity(count + count / 2)
    for index in program.commands.indices { add(program.commands[index].action) }
  }

  /// Lets some commands compute for other cycles than the target says.
  ///
  /// - Parameter cycles: nil for commands that stay as they are.
  mutating func replaceCycles(of program: Program, _ cycles: (Command) -> Int?) {
    for (index, command) in program.commands.enumerated() {
      if let replacement = cycles(command) { computeCycles[index] = replacement }
    }
  }

  /// The transfers of a command, by their positions among all.
  func transfers(of command: Int) -> Range<Int> {
    (command == 0 ? 0 : Int(transferEnds[command - 1]))..<Int(transferEnds[command])
  }

  private mutating func add(_ action: Action) {
    let first = transfers.count
    let bytesInFlight = target.copies.bytesInFlight.flatMap { Self.bytesInFlight(action, $0) }
    let accesses = action.accessList
    // The last index is the buffer inside the NPU, which costs no transfer.
    for position in 0..<accesses.count where accesses[position].memory < speeds.count {
      add(accesses[position], of: action, bytesInFlight, behind: first)
    }
    transferEnds.append(Int32(transfers.count))
    computeCycles.append(Self.computeCycles(action, target))
    latencyCycles.append(latency(action, transfers[first...], bytesInFlight))
  }

  private mutating func add(
    _ access: Access, of action: Action, _ bytesInFlight: Int?, behind first: Int
  ) {
    let (runs, speed) = (access.tile.runs, speeds[access.memory])
    let burst = speed.burstBytes
    let bursts =
      action.streamsConstants && !access.isWrite
      ? Self.newBursts(access.hull, burst) : runs.count * dividedUp(runs.byteCount, burst)
    for known in first..<transfers.count
    where transfers[known].port == access.memory && transfers[known].isWrite == access.isWrite {
      transfers[known].bytes += runs.count * runs.byteCount
      transfers[known].burstBytes += bursts * burst
      return
    }
    precondition(
      transfers.count - first < Self.mostTransfers, "a command uses at most three memories")
    transfers.append(
      Transfer(
        port: Int32(access.memory), isWrite: access.isWrite,
        isAskedAhead: !access.isWrite && action.asksAhead,
        cyclesPerByte: access.isWrite
          ? speed.writeCyclesPerByte : speed.readCyclesPerByte(bytesInFlight: bytesInFlight),
        bytes: runs.count * runs.byteCount, burstBytes: bursts * burst))
  }

  /// The bursts that begin within some bytes: constants of one block follow those of another without a gap, and a
  /// burst that is read for one also brings the beginning of the next.
  private static func newBursts(_ bytes: Range<Int>, _ burst: Int) -> Int {
    dividedUp(bytes.upperBound, burst) - dividedUp(bytes.lowerBound, burst)
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
  private func latency(
    _ action: Action, _ transfers: ArraySlice<Transfer>, _ bytesInFlight: Int?
  ) -> Int {
    var latency = 0
    for transfer in transfers {
      let speed = speeds[Int(transfer.port)]
      if transfer.isWrite {
        latency = max(latency, speed.writeLatencyCycles)
      } else if action.waitsForReads {
        let read = speed.readLatency(bytes: transfer.burstBytes, bytesInFlight: bytesInFlight)
        latency = max(latency, Int(read.rounded(.up)))
      }
    }
    return latency
  }

  private static func bytesInFlight(
    _ action: Action, _ bytes: TargetDescription.BytesInFlight
  ) -> Int? {
    switch action {
    case .copy: bytes.mover
    case .load: bytes.reader
    case .convolve: bytes.array
    case .rescale: bytes.parameters
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
  /// Whether all that it reads of memories is constants, in the order in which they lie there.
  fileprivate var streamsConstants: Bool {
    switch self {
    case .convolve, .rescale: true
    case .copy, .load, .pool, .add, .softmax, .callHost: false
    }
  }

  /// Whether what it reads is asked for before it begins.
  fileprivate var asksAhead: Bool {
    if case .rescale = self { true } else { false }
  }

  /// Whether others wait until the last of what it reads is there.
  fileprivate var waitsForReads: Bool {
    switch self {
    case .copy, .load, .callHost, .softmax: true
    case .convolve, .rescale, .pool, .add: false
    }
  }
}
