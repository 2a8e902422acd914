extension TargetDescription.Memory {
  /// How fast a memory is, without the names, which would cost estimates of many blocks more than these themselves.
  package struct Speed: Sendable {
    /// As the memory's, as are all others.
    package let bytesPerCycle: Double
    package let burstBytes: Int
    package let readLatencyCycles: Int
    package let writeLatencyCycles: Int
    /// `Int.max` where the port alone limits transfers.
    private let readBytesInFlight: Int
    private let writeBytesInFlight: Int

    package init(_ memory: TargetDescription.Memory) {
      bytesPerCycle = memory.bytesPerCycle
      burstBytes = memory.burstBytes
      readLatencyCycles = memory.readLatencyCycles
      writeLatencyCycles = memory.writeLatencyCycles
      readBytesInFlight = memory.readBytesInFlight ?? .max
      writeBytesInFlight = memory.writeBytesInFlight ?? .max
    }

    /// The least cycles for each byte that an engine reads: the port's, or those that bytes in flight take.
    ///
    /// - Parameter bytesInFlight: what the engine may have asked for and not got yet; nil if nothing limits it.
    package func readCyclesPerByte(bytesInFlight: Int? = nil) -> Double {
      let bytes = min(bytesInFlight ?? .max, readBytesInFlight)
      return max(1 / bytesPerCycle, bytes == .max ? 0 : Double(readLatencyCycles) / Double(bytes))
    }

    /// The least cycles for each byte that an engine writes.
    package var writeCyclesPerByte: Double {
      let bytes = writeBytesInFlight
      return max(1 / bytesPerCycle, bytes == .max ? 0 : Double(writeLatencyCycles) / Double(bytes))
    }

    /// What comes behind a read until its last bytes can be used: not the time for which the engine waits, while it
    /// reads, for bytes in flight.
    ///
    /// - Parameters:
    ///   - bytes: that are read.
    ///   - bytesInFlight: what the engine may have asked for and not got yet; nil if nothing limits it.
    package func readLatency(bytes: Int, bytesInFlight: Int?) -> Double {
      let waits = readCyclesPerByte(bytesInFlight: bytesInFlight) - 1 / bytesPerCycle
      return max(0, Double(readLatencyCycles) - Double(bytes) * waits)
    }
  }
}
