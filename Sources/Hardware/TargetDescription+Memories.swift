extension TargetDescription {
  /// A memory behind a port whose bandwidth all that use it at one time share.
  public struct Memory: Codable, Hashable, Sendable {
    /// By which variants of a target name what lies behind it; nil where the file has no need of it.
    public let port: String?
    /// By which reports name it; no two memories of a target share one.
    public let name: String
    /// Its size; addresses begin at 0.
    public private(set) var bytes: Int
    /// What the port transfers in both directions together, in cycles of the NPU.
    public let bytesPerCycle: Double
    /// Each run of consecutive bytes costs a multiple of it.
    public let burstBytes: Int
    /// From the end of a read until the data can be used, where nothing fetches them ahead.
    public let readLatencyCycles: Int
    /// From the end of a write until the data can be read.
    public let writeLatencyCycles: Int
    /// What any one engine may have asked it for and not got yet; nil where the port alone limits reads.
    public let readBytesInFlight: Int?
    /// What any one engine may have sent and not been told to be written; nil where the port alone limits writes.
    public let writeBytesInFlight: Int?
    /// The energy of reading or writing a byte; nil where nobody gives a figure.
    public package(set) var picojoulesPerByte: Double?
    /// What lowering puts here; of several memories with a role the first is used.
    public let holds: [Role]

    /// The same memory with another size.
    func resized(to bytes: Int) -> Memory {
      var copy = self
      copy.bytes = bytes
      return copy
    }
  }

  /// What a memory is for.
  public enum Role: String, Codable, Hashable, Sendable {
    /// Inputs and computed values; weights, biases and tables.
    case activations, constants
    /// Constants on their way from where they are kept to where they are used often.
    case stagedConstants
    /// Inputs, outputs, and values that the memory for activations has no room for.
    case spilledActivations
    /// Values that only the host touches, where the memory for activations has no room for them.
    case hostValues

    /// Of memories in which inputs and computed values lie.
    package static let ofValues: [Role] = [.activations, .spilledActivations, .hostValues]
  }

  /// The memory inside the NPU for input blocks and accumulators, in banks; both are kept twice.
  public struct Buffer: Codable, Hashable, Sendable {
    /// By which reports name it.
    public let name: String
    /// The size of a bank.
    public let bankBytes: Int
    /// All that there are, the reserved ones among them.
    public let banks: Int
    /// Banks that blocks cannot use.
    public let reservedBanks: Int
    /// Input blocks take a multiple of so many banks.
    public let inputGranuleBanks: Int
    /// Accumulators, of 32 bits each, take a multiple of so many banks.
    public let accumulatorGranuleBanks: Int
    /// The most banks that input blocks may take; nil where only accumulators limit them.
    public let inputBanks: Int?
    /// The most banks that accumulators may take; nil where only input blocks limit them.
    public let accumulatorBanks: Int?
  }
}
