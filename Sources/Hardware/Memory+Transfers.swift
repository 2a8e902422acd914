/// How fast an engine can read from a memory, or write to it.
extension TargetDescription.Memory {
  /// The least cycles for each byte that an engine reads: the port's, or those that bytes in flight take.
  ///
  /// - Parameter bytesInFlight: what the engine may have asked for and not got yet; nil if nothing limits it.
  package func readCyclesPerByte(bytesInFlight: Int? = nil) -> Double {
    let bytes = min(bytesInFlight ?? .max, readBytesInFlight ?? .max)
    return max(1 / bytesPerCycle, Double(readLatencyCycles) / Double(bytes))
  }

  /// The least cycles for each byte that an engine writes.
  package var writeCyclesPerByte: Double {
    max(1 / bytesPerCycle, Double(writeLatencyCycles) / Double(writeBytesInFlight ?? .max))
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
