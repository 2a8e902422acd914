import Foundation

/// A float, or a fixed-point number, of at most 8 bits: what blocks are made of.
///
/// Source: "OCP Microscaling Formats (MX) Specification", version 1.0, section 5.3.
public enum BlockFormat: String, Hashable, Sendable, CaseIterable, Codable {
  case f8e4m3, f8e5m2, f6e3m2, f6e2m3, f4e2m1
  /// A sign, one bit before the point and six behind it.
  case i8

  /// Bits of one number.
  public var bitWidth: Int {
    switch self {
    case .f8e4m3, .f8e5m2, .i8: 8
    case .f6e3m2, .f6e2m3: 6
    case .f4e2m1: 4
    }
  }

  /// The largest number.
  public var largest: Double {
    switch self {
    case .f8e4m3: 448
    case .f8e5m2: 57344
    case .f6e3m2: 28
    case .f6e2m3: 7.5
    case .f4e2m1: 6
    case .i8: 127.0 / 64
    }
  }

  /// The exponent of the largest power of two.
  public var largestExponent: Int {
    switch self {
    case .f8e4m3: 8
    case .f8e5m2: 15
    case .f6e3m2: 4
    case .f6e2m3, .f4e2m1: 2
    case .i8: 0
    }
  }

  private var fractionBits: Int {
    switch self {
    case .f8e4m3, .f6e2m3: 3
    case .f8e5m2, .f6e3m2: 2
    case .f4e2m1: 1
    case .i8: 6
    }
  }

  /// The exponent of the smallest number with all its digits; what is smaller has fewer.
  private var smallestExponent: Int {
    switch self {
    case .f8e4m3: -6
    case .f8e5m2: -14
    case .f6e3m2: -2
    case .f6e2m3, .f4e2m1, .i8: 0
    }
  }

  /// The number of the format that is nearest, ties to even, and at most the largest.
  public func rounded(_ number: Double) -> Double {
    guard number != 0, number.isFinite else {
      return number.isNaN ? 0 : max(-largest, min(largest, number))
    }
    let exponent = max(Int(number.exponent), smallestExponent)
    let step = scalbn(1.0, exponent - fractionBits)
    return max(-largest, min(largest, (number / step).rounded(.toNearestOrEven) * step))
  }
}

extension BlockFormat {
  /// The numbers of a block that share a power of two.
  public static let blockLength = 32

  /// Numbers in blocks along rows, each block with the power of two that its largest number asks for.
  ///
  /// `shared exponent = floor(log2(largest magnitude)) − largest exponent of the format`
  ///
  /// Source: "OCP Microscaling Formats (MX) Specification", version 1.0, section 6.3.
  public func roundedInBlocks(_ numbers: [Float], rowLength: Int) -> [Float] {
    var result = numbers
    for row in stride(from: 0, to: numbers.count, by: max(1, rowLength)) {
      let end = min(row + max(1, rowLength), numbers.count)
      for start in stride(from: row, to: end, by: Self.blockLength) {
        let block = start..<min(start + Self.blockLength, end)
        let largest = block.reduce(Float(0)) { max($0, abs(numbers[$1])) }
        guard largest > 0, largest.isFinite else { continue }
        let scale = scalbn(1.0, max(-127, Int(largest.exponent) - largestExponent))
        for index in block {
          result[index] = Float(rounded(Double(numbers[index]) / scale) * scale)
        }
      }
    }
    return result
  }
}
