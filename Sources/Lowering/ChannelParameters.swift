import Operators

/// Bias and factor of some output channels, as they lie in memory for the output stage.
///
/// Per channel a 40-bit bias, then a 32-bit multiplier and an 8-bit shift, or a real factor of 64 or 32 bits.
public struct ChannelParameters {
  public let bias: [Int32]
  public let factors: Requantization.Factors

  init(bias: [Int32], factors: Requantization.Factors) {
    self.bias = bias
    self.factors = factors
  }

  /// The bytes for one channel.
  static func byteCount(_ rounding: Rescale.Rounding) -> Int {
    switch rounding {
    case .fixedPoint: 10
    case .real: 13
    case .single: 9
    }
  }

  /// Reads what `write` wrote.
  public init(from bytes: UnsafeRawBufferPointer, _ rounding: Rescale.Rounding) {
    let stride = Self.byteCount(rounding)
    let offsets = Swift.stride(from: 0, to: bytes.count, by: stride)
    bias = offsets.map { bytes.loadUnaligned(fromByteOffset: $0, as: Int32.self) }
    switch rounding {
    case .fixedPoint:
      factors = .fixedPoint(
        offsets.map {
          FixedPoint(
            multiplier: bytes.loadUnaligned(fromByteOffset: $0 + 5, as: Int32.self),
            shift: Int32(bytes.loadUnaligned(fromByteOffset: $0 + 9, as: Int8.self)))
        })
    case .real:
      factors = .real(offsets.map { bytes.loadUnaligned(fromByteOffset: $0 + 5, as: Double.self) })
    case .single:
      factors = .single(offsets.map { bytes.loadUnaligned(fromByteOffset: $0 + 5, as: Float.self) })
    }
  }

  func write(to bytes: UnsafeMutableRawBufferPointer) {
    let stride = bytes.count / bias.count
    for (channel, bias) in bias.enumerated() {
      let start = channel * stride
      bytes.storeBytes(of: bias, toByteOffset: start, as: Int32.self)
      bytes.storeBytes(of: bias < 0 ? -1 : 0, toByteOffset: start + 4, as: Int8.self)
      switch factors {
      case .fixedPoint(let factors):
        bytes.storeBytes(of: factors[channel].multiplier, toByteOffset: start + 5, as: Int32.self)
        let shift = Int8(truncatingIfNeeded: factors[channel].shift)
        bytes.storeBytes(of: shift, toByteOffset: start + 9, as: Int8.self)
      case .real(let scales):
        bytes.storeBytes(of: scales[channel], toByteOffset: start + 5, as: Double.self)
      case .single(let scales):
        bytes.storeBytes(of: scales[channel], toByteOffset: start + 5, as: Float.self)
      }
    }
  }
}

extension Requantization.Factors {
  var rounding: Rescale.Rounding {
    switch self {
    case .fixedPoint: .fixedPoint
    case .real: .real
    case .single: .single
    }
  }
}
