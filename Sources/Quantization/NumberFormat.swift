import Tensors

/// How a quantized number is stored, or would be: integers of some bits, or small floats.
///
/// What a tensor cannot be stored as is simulated: its numbers are those that the format has, held in a wider type.
public enum NumberFormat: Hashable, Sendable {
  /// Signed integers of 2, 3, 4, 8 or 16 bits with a scale.
  case integer(bits: Int)
  /// A floating-point type as it stands: `f16`, `bf16`, `f8e4m3` or `f8e5m2`; those of 8 bits with a scale.
  case float(ElementType)
  /// Blocks of 32 numbers that share a power of two.
  ///
  /// Source: "OCP Microscaling Formats (MX) Specification", version 1.0.
  case block(BlockElement)

  /// What the numbers of a block are before the power of two that they share.
  public enum BlockElement: String, Hashable, Sendable, CaseIterable {
    case f8e4m3, f8e5m2, f6e3m2, f6e2m3, f4e2m1, i8
  }

  /// Bits of one number, without scales.
  public var bitWidth: Int {
    switch self {
    case .integer(let bits): bits
    case .float(let element): element.bitWidth
    case .block(.f8e4m3), .block(.f8e5m2), .block(.i8): 8
    case .block(.f6e3m2), .block(.f6e2m3): 6
    case .block(.f4e2m1): 4
    }
  }
}
