/// An NPU and the system around it, as `Targets/NAME/target.yaml` describes it.
///
/// Units are in the names; cycles are of the NPU's clock. The file gives the source of each figure.
public struct TargetDescription: Codable, Hashable, Sendable {
  /// By which reports name the target; its folder in `Targets/` is called so too.
  public let name: String
  /// One line for lists of targets.
  public let summary: String
  /// The NPU's clock: it turns cycles into time.
  public let clockMHz: Double
  /// Where the figures for energy come from, in a few words for reports; nil where that is not said.
  public let energySource: String?
  /// Those outside the NPU; their order is that of their indices everywhere.
  public package(set) var memories: [Memory]
  /// The NPU's own memory.
  public let buffer: Buffer
  /// The engine of convolutions and matrix products.
  public package(set) var array: Array
  /// The engine of everything else that the NPU does.
  public let output: OutputStage
  /// The names of the engines that move data.
  public let copies: Copies
  /// How long the NPU's own commands are; nil where nobody knows.
  public let commands: Commands?
  /// What runs the operators that neither engine supports.
  public let host: Host
}

extension TargetDescription {
  /// The memory that has a role; `lint` makes sure there is one for each that lowering needs.
  ///
  /// - Returns: its index in `memories`; nil if none has the role, as may be with `stagedConstants`.
  public func memory(holding role: Role) -> Int? {
    memories.firstIndex { $0.holds.contains(role) }
  }

  /// The target with another size of the memory for activations.
  public func withActivationMemory(of bytes: Int) -> TargetDescription {
    var copy = self
    if let index = memory(holding: .activations) {
      copy.memories[index] = memories[index].resized(to: bytes)
    }
    return copy
  }

  /// The target with the host's own memory among the memories; nil if it has none.
  public var withHostMemory: TargetDescription? {
    guard let memory = host.memory else { return nil }
    var copy = self
    copy.memories.append(memory)
    return copy
  }
}
