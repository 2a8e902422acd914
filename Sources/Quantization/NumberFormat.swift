import Foundation
import Tensors

/// How a quantized number is stored, or would be: integers of some bits, or small floats.
///
/// What no tensor can be stored as is simulated: its numbers are those that the format has, held in a wider type.
public enum NumberFormat: Hashable, Sendable {
  /// Signed integers of 2 to 16 bits with a scale.
  case integer(bits: Int)
  /// A floating-point type: `f16` and `bf16` as they stand, `f8e4m3` and `f8e5m2` with a scale.
  case float(ElementType)
  /// Blocks of 32 numbers along the last axis that share a power of two.
  ///
  /// Source: "OCP Microscaling Formats (MX) Specification", version 1.0.
  case block(BlockFormat)

  /// Bits of one number, without those of scales.
  public var bitWidth: Int {
    switch self {
    case .integer(let bits): bits
    case .float(let element): element.bitWidth
    case .block(let format): format.bitWidth
    }
  }

  /// The integers that are stored: of a symmetric scheme as many below zero as above.
  ///
  /// Nil for floats.
  public func levels(isSymmetric: Bool) -> ClosedRange<Int>? {
    guard case .integer(let bits) = self else { return nil }
    let largest = 1 << (bits - 1) - 1
    return (isSymmetric ? -largest : -largest - 1)...largest
  }

  /// The type of tensors that hold such numbers; the narrowest there is for integers.
  var storage: ElementType? {
    switch self {
    case .integer(let bits): bits <= 4 ? .i4 : bits <= 8 ? .i8 : .i16
    case .float(let element): element
    case .block: nil
    }
  }

  /// Whether numbers are divided by a scale before they are stored.
  var hasScale: Bool {
    switch self {
    case .integer: true
    case .float(let element): element.bitWidth == 8
    case .block: false
    }
  }

  /// The largest number of a float that is stored as it stands; nil where a scale fits numbers to what there is.
  var largest: Float? {
    switch self {
    case .float(.f16): 65504
    case .float(.bf16): 0x1.FEp127
    case .integer, .float, .block: nil
    }
  }

  /// The float whose numbers these are; nil for integers.
  var smallFloat: BlockFormat? {
    switch self {
    case .integer: nil
    case .float(.f8e4m3): .f8e4m3
    case .float(.f8e5m2): .f8e5m2
    case .float, .block: nil
    }
  }
}

extension Comparable {
  func clamped(to range: ClosedRange<Self>) -> Self {
    min(max(self, range.lowerBound), range.upperBound)
  }
}
