extension TargetDescription {
  /// The engines that move data.
  public struct Copies: Codable, Hashable, Sendable {
    /// Fills the buffer with input blocks.
    public let reader: String
    /// Copies between memories.
    public let mover: String
    /// Nil where nothing but the ports limits transfers.
    public let bytesInFlight: BytesInFlight?
  }

  /// The bytes that an engine may have asked a memory for and not got yet.
  ///
  /// They limit what it reads from a memory to `bytes / readLatencyCycles` in a cycle, whatever the port could do.
  public struct BytesInFlight: Codable, Hashable, Sendable {
    /// Of copies between memories.
    public let mover: Int
    /// Of input blocks.
    public let reader: Int
    /// Of weights that the array reads.
    public let array: Int
    /// Of factors and biases that the output stage reads; nil where nothing but the ports limits them.
    public let parameters: Int?
  }

  /// The bytes of the NPU's own commands, which it reads from the memory for constants while it works.
  public struct Commands: Codable, Hashable, Sendable {
    /// Of a layer, however many blocks it has: extents, addresses, scales and the like.
    public let operationBytes: Int
    /// Of a copy between memories.
    public let copyBytes: Int
  }
}
