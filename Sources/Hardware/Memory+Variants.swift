/// Other memories in the place of one, for those who ask what these would change.
extension TargetDescription.Memory {
  /// The memory with a port that is so many times as fast.
  package func faster(by factor: Double) -> Self {
    with(bytesPerCycle: bytesPerCycle * factor, burstBytes, readLatencyCycles, writeLatencyCycles)
  }

  /// The memory with the port and the latencies of another, and its own size and roles.
  package func asFast(as other: Self) -> Self {
    with(
      bytesPerCycle: other.bytesPerCycle, other.burstBytes, other.readLatencyCycles,
      other.writeLatencyCycles)
  }

  /// The memory with other roles.
  package func holding(_ roles: [TargetDescription.Role]) -> Self {
    with(
      bytesPerCycle: bytesPerCycle, burstBytes, readLatencyCycles, writeLatencyCycles, holds: roles)
  }

  private func with(
    bytesPerCycle: Double, _ burstBytes: Int, _ readLatencyCycles: Int, _ writeLatencyCycles: Int,
    holds: [TargetDescription.Role]? = nil
  ) -> Self {
    Self(
      port: port, name: name, bytes: bytes, bytesPerCycle: bytesPerCycle, burstBytes: burstBytes,
      readLatencyCycles: readLatencyCycles, writeLatencyCycles: writeLatencyCycles,
      picojoulesPerByte: picojoulesPerByte, holds: holds ?? self.holds)
  }
}
