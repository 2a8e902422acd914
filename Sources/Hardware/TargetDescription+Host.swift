extension TargetDescription {
  /// The processor that runs what the NPU cannot.
  public struct Host: Codable, Hashable, Sendable {
    /// By which target sheets name it.
    public let name: String
    /// Multiply-accumulates in a cycle of the NPU's clock, not of its own.
    public let macsPerCycle: Double
    /// Other operations on elements in a cycle of the NPU's clock.
    public let elementsPerCycle: Double
    /// For every call, however small: interrupt, caches, return.
    public let callCycles: Int
    /// Its own memory, for values that only the host touches, where the memory for activations has no room for them;
    /// nil if it has none.
    public let memory: Memory?
  }
}
