/// Which variants of a target are wanted, or hold.
///
/// Of what is wanted, nil leaves the choice to the target file. Of what holds, nil is a kind of variant that the file
/// does not have.
public struct TargetChoice: Codable, Hashable, Sendable {
  /// The size of the NPU, such as `ethos-u55-128`: the target's name.
  public var configuration: String?
  /// The clock and the memories around it.
  public var systemConfig: String?
  /// What each memory is for.
  public var memoryMode: String?
  /// The size of the memory for activations, instead of the one that the file gives.
  public var activationMemoryBytes: Int?

  /// A choice; without arguments, the file's defaults.
  public init(
    configuration: String? = nil, systemConfig: String? = nil, memoryMode: String? = nil,
    activationMemoryBytes: Int? = nil
  ) {
    self.configuration = configuration
    self.systemConfig = systemConfig
    self.memoryMode = memoryMode
    self.activationMemoryBytes = activationMemoryBytes
  }

  /// The names of the variants, one after the other; empty if there are none.
  public var text: String {
    [configuration, systemConfig, memoryMode].compactMap { $0 }.joined(separator: ", ")
  }
}
