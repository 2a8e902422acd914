/// The type of one element of a tensor.
///
/// The raw values are the names in the text form. `bf16` is the upper half of an `f32`; `f8e4m3` and `f8e5m2` are the
/// 8-bit floats of the Open Compute Project, the first without infinities.
public enum ElementType: String, Hashable, Sendable, CaseIterable, Codable {
  case f64, f32, f16, bf16, f8e4m3, f8e5m2
  case i4, u4, i8, u8, i16, u16, i32, u32, i64, u64
  case bool

  /// Bits of one element; only `i4` and `u4` have fewer than 8, and then two elements share a byte.
  public var bitWidth: Int {
    switch self {
    case .i4, .u4: 4
    case .i8, .u8, .f8e4m3, .f8e5m2, .bool: 8
    case .f16, .bf16, .i16, .u16: 16
    case .f32, .i32, .u32: 32
    case .f64, .i64, .u64: 64
    }
  }

  /// Whether elements are real numbers as they stand; integers need a `Quantization` for that.
  public var isFloat: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16, .f8e4m3, .f8e5m2: true
    case .i4, .u4, .i8, .u8, .i16, .u16, .i32, .u32, .i64, .u64, .bool: false
    }
  }

  /// The numbers that an integer type can hold, as far as an `Int` can; nil for the others.
  public var integerRange: ClosedRange<Int>? {
    switch self {
    case .i4: -8...7
    case .u4: 0...15
    case .i8: -128...127
    case .u8: 0...255
    case .i16: -32768...32767
    case .u16: 0...65535
    case .i32: Int(Int32.min)...Int(Int32.max)
    case .u32: 0...Int(UInt32.max)
    case .i64: Int.min...Int.max
    case .u64: 0...Int.max
    case .f64, .f32, .f16, .bf16, .f8e4m3, .f8e5m2, .bool: nil
    }
  }

  /// The bytes of `count` elements; two of 4 bits share a byte, the first in its low half.
  public func byteCount(of count: Int) -> Int { (count * bitWidth + 7) / 8 }
}
