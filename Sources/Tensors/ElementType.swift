/// The type of one element of a tensor.
///
/// The raw values are the names in the text form. `bf16` is the upper half of an `f32`.
public enum ElementType: String, Hashable, Sendable, CaseIterable, Codable {
  case f32, f16, bf16, i4, i8, u8, i16, i32, u32, i64, bool

  /// Bits of one element; only `i4` has fewer than 8, and then two elements share a byte.
  public var bitWidth: Int {
    switch self {
    case .i4: 4
    case .i8, .u8, .bool: 8
    case .f16, .bf16, .i16: 16
    case .f32, .i32, .u32: 32
    case .i64: 64
    }
  }

  /// Whether elements are real numbers as they stand; integers need a `Quantization` for that.
  public var isFloat: Bool {
    switch self {
    case .f32, .f16, .bf16: true
    case .i4, .i8, .u8, .i16, .i32, .u32, .i64, .bool: false
    }
  }

  /// The numbers that an integer type can hold; nil for the others.
  public var integerRange: ClosedRange<Int>? {
    switch self {
    case .i4: -8...7
    case .i8: -128...127
    case .u8: 0...255
    case .i16: -32768...32767
    case .i32: Int(Int32.min)...Int(Int32.max)
    case .u32: 0...Int(UInt32.max)
    case .i64: Int.min...Int.max
    case .f32, .f16, .bf16, .bool: nil
    }
  }

  /// The bytes of `count` elements; two `i4` share a byte, the first in its low half.
  public func byteCount(of count: Int) -> Int { (count * bitWidth + 7) / 8 }
}
