/// Other memories in the place of one, for those who ask what these would change.
extension TargetDescription.Memory {
  /// The memory with a port that is so many times as fast, also in answers.
  package func faster(by factor: Double) -> Self {
    with(self, bytesPerCycle: bytesPerCycle * factor, bytesInFlight: factor)
  }

  /// The memory with the port and the latencies of another, and its own size and roles.
  package func asFast(as other: Self) -> Self {
    with(other, bytesPerCycle: other.bytesPerCycle, bytesInFlight: 1)
  }

  /// The memory with other roles.
  package func holding(_ roles: [TargetDescription.Role]) -> Self {
    with(self, bytesPerCycle: bytesPerCycle, bytesInFlight: 1, holds: roles)
  }

  private func with(
    _ other: Self, bytesPerCycle: Double, bytesInFlight factor: Double,
    holds: [TargetDescription.Role]? = nil
  ) -> Self {
    Self(
      port: port, name: name, bytes: bytes, bytesPerCycle: bytesPerCycle,
      burstBytes: other.burstBytes, readLatencyCycles: other.readLatencyCycles,
      writeLatencyCycles: other.writeLatencyCycles,
      readBytesInFlight: other.readBytesInFlight.map { Int(Double($0) * factor) },
      writeBytesInFlight: other.writeBytesInFlight.map { Int(Double($0) * factor) },
      picojoulesPerByte: picojoulesPerByte, holds: holds ?? self.holds)
  }
}
