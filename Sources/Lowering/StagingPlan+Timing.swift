import Hardware

/// Which copies of constants come in time.
extension StagingPlan {
  /// Leaves out copies that come too late to gain anything: where the middle of a block's copy is behind the middle of
  /// its layer, reading the block where it is kept takes no longer, and spares the fast memory writing and reading it.
  mutating func leaveOutLateBlocks(_ cyclesPerByte: Double) {
    var clock = Clock(cyclesPerByte: cyclesPerByte)
    for (layer, constants) in layers.enumerated() {
      clock.begin()
      var bytes = constants.chunkBytes.reduce(0, +)
      switch staging[layer] {
      case .direct:
        bytes *= constants.readCount
        clock.waitForLayer(toRead: bytes)
      case .slots(_, let start): clock.wait(for: start)
      case .part(let count, let start):
        clock.wait(for: start)
        let kept = clock.copiesInTime(constants, atMost: count)
        staging[layer] = constants.bytes(part: kept) > 0 ? .part(kept, start: start) : .direct
        bytes -= constants.chunkBytes.prefix(kept).reduce(0, +)
        clock.waitForLayer(toRead: bytes)
      }
      clock.run(constants, reading: bytes)
    }
  }

  /// An estimate of when layers begin, and when the memory for constants has nothing left to do.
  private struct Clock {
    let cyclesPerByte: Double
    private var starts: [Double] = []
    private var time = 0.0
    private var memoryTime = 0.0

    init(cyclesPerByte: Double) { self.cyclesPerByte = cyclesPerByte }

    mutating func begin() { starts.append(time) }

    /// Copies begin with a layer at the earliest.
    mutating func wait(for layer: Int) { memoryTime = max(memoryTime, starts[layer]) }

    /// What the array reads by itself, it reads while its layer runs.
    mutating func waitForLayer(toRead bytes: Int) {
      if bytes > 0 { memoryTime = max(memoryTime, time) }
    }

    /// How many blocks are copied in time, one after the other.
    mutating func copiesInTime(_ constants: LayerConstants, atMost count: Int) -> Int {
      for block in 0..<count {
        let cycles = Double(constants.chunkBytes[block]) * cyclesPerByte
        guard memoryTime + cycles / 2 <= time + constants.cycles / 2 else { return block }
        memoryTime += cycles
      }
      return count
    }

    /// Bytes that are not there yet must come while the layer runs.
    mutating func run(_ constants: LayerConstants, reading bytes: Int) {
      memoryTime += Double(bytes) * cyclesPerByte
      time += constants.cycles
      if bytes > 0 { time = max(time, memoryTime) }
    }
  }
}

extension TargetDescription {
  /// Whether the output stage reads parameters slower from a memory than the mover could copy them from there.
  func readsParametersSlowly(from memory: Int) -> Bool {
    guard let bytes = copies.bytesInFlight, let parameters = bytes.parameters else { return false }
    let speed = Memory.Speed(memories[memory])
    return speed.readCyclesPerByte(bytesInFlight: parameters)
      > speed.readCyclesPerByte(bytesInFlight: bytes.mover)
  }
}
