extension ElementType {
  /// The element at `index` as a number.
  ///
  /// Exact but for `i64` and `u64` beyond 2⁵³, which a `Double` rounds.
  ///
  /// - Precondition: `bytes` holds more than `index` elements and is aligned for them.
  public func load(from bytes: UnsafeRawBufferPointer, at index: Int) -> Double {
    switch self {
    case .f64: bytes.load(fromByteOffset: 8 * index, as: Double.self)
    case .f32: Double(bytes.load(fromByteOffset: 4 * index, as: Float.self))
    case .f8e4m3: SmallFloat.e4m3.number(bytes[index])
    case .f8e5m2: SmallFloat.e5m2.number(bytes[index])
    case .f16: Double(Float16(bitPattern: bytes.load(fromByteOffset: 2 * index, as: UInt16.self)))
    case .bf16:
      Double(
        Float(bitPattern: UInt32(bytes.load(fromByteOffset: 2 * index, as: UInt16.self)) << 16))
    case .i4: Double(nibble(bytes[index / 2], high: index % 2 == 1))
    case .u4: Double(bytes[index / 2] >> (index % 2 == 1 ? 4 : 0) & 0xf)
    case .i8: Double(bytes.load(fromByteOffset: index, as: Int8.self))
    case .u8: Double(bytes[index])
    case .i16: Double(bytes.load(fromByteOffset: 2 * index, as: Int16.self))
    case .u16: Double(bytes.load(fromByteOffset: 2 * index, as: UInt16.self))
    case .i32: Double(bytes.load(fromByteOffset: 4 * index, as: Int32.self))
    case .u32: Double(bytes.load(fromByteOffset: 4 * index, as: UInt32.self))
    case .i64: Double(bytes.load(fromByteOffset: 8 * index, as: Int64.self))
    case .u64: Double(bytes.load(fromByteOffset: 8 * index, as: UInt64.self))
    case .bool: bytes[index] == 0 ? 0 : 1
    }
  }

  /// Stores `number` at `index`: floats rounded to nearest even, integers rounded likewise and clamped.
  /// A NaN becomes 0 as an integer; a `bool` is whether the number is not 0. Floats of 8 bits are clamped too.
  public func store(_ number: Double, in bytes: UnsafeMutableRawBufferPointer, at index: Int) {
    switch self {
    case .f64: bytes.storeBytes(of: number, toByteOffset: 8 * index, as: Double.self)
    case .f8e4m3: bytes[index] = SmallFloat.e4m3.bits(number)
    case .f8e5m2: bytes[index] = SmallFloat.e5m2.bits(number)
    case .f32: bytes.storeBytes(of: Float(number), toByteOffset: 4 * index, as: Float.self)
    case .f16:
      bytes.storeBytes(
        of: Float16(number).bitPattern, toByteOffset: 2 * index, as: UInt16.self)
    case .bf16:
      bytes.storeBytes(
        of: ElementType.bfloat16(number), toByteOffset: 2 * index, as: UInt16.self)
    case .i4: storeNibble(UInt8(bitPattern: clamped(number, to: Int8.self)), in: bytes, at: index)
    case .u4: storeNibble(min(15, clamped(number, to: UInt8.self)), in: bytes, at: index)
    case .i8:
      bytes.storeBytes(of: clamped(number, to: Int8.self), toByteOffset: index, as: Int8.self)
    case .u8: bytes[index] = clamped(number, to: UInt8.self)
    case .i16:
      bytes.storeBytes(
        of: clamped(number, to: Int16.self), toByteOffset: 2 * index, as: Int16.self)
    case .u16:
      bytes.storeBytes(
        of: clamped(number, to: UInt16.self), toByteOffset: 2 * index, as: UInt16.self)
    case .i32:
      bytes.storeBytes(
        of: clamped(number, to: Int32.self), toByteOffset: 4 * index, as: Int32.self)
    case .u32:
      bytes.storeBytes(
        of: clamped(number, to: UInt32.self), toByteOffset: 4 * index, as: UInt32.self)
    case .i64:
      bytes.storeBytes(
        of: clamped(number, to: Int64.self), toByteOffset: 8 * index, as: Int64.self)
    case .u64:
      bytes.storeBytes(
        of: clamped(number, to: UInt64.self), toByteOffset: 8 * index, as: UInt64.self)
    case .bool: bytes[index] = number == 0 ? 0 : 1
    }
  }

  /// The integer at `index`; a truth value is 0 or 1, and a `u64` of 2⁶³ or more its bits as a negative number.
  ///
  /// - Precondition: elements are no floats, and `bytes` is as for `load`.
  public func loadInteger(from bytes: UnsafeRawBufferPointer, at index: Int) -> Int {
    // Only these have integers that `Double` cannot hold.
    bitWidth == 64
      ? Int(bytes.load(fromByteOffset: 8 * index, as: Int64.self))
      : Int(load(from: bytes, at: index))
  }

  /// Stores as many low bits of an integer as an element has.
  ///
  /// - Precondition: elements are integers.
  public func storeLowBits(
    of integer: Int, in bytes: UnsafeMutableRawBufferPointer, at index: Int
  ) {
    guard bitWidth < 64 else {
      return bytes.storeBytes(of: Int64(integer), toByteOffset: 8 * index, as: Int64.self)
    }
    let unused = Int.bitWidth - bitWidth
    let low = (integer << unused) >> unused
    store(Double(isUnsigned && low < 0 ? low + (1 << bitWidth) : low), in: bytes, at: index)
  }

  private var isUnsigned: Bool { [.u4, .u8, .u16, .u32, .u64].contains(self) }

  private func storeNibble(
    _ bits: UInt8, in bytes: UnsafeMutableRawBufferPointer, at index: Int
  ) {
    let kept = bytes[index / 2] & (index % 2 == 1 ? 0x0f : 0xf0)
    bytes[index / 2] = kept | (index % 2 == 1 ? bits << 4 : bits & 0xf)
  }

  /// The sign-extended low or high half of a byte.
  private func nibble(_ byte: UInt8, high: Bool) -> Int8 {
    Int8(bitPattern: high ? byte : byte << 4) >> 4
  }

  /// Compares before it converts: out of range, the conversion would trap.
  private func clamped<Integer: FixedWidthInteger>(_ number: Double, to type: Integer.Type)
    -> Integer
  {
    guard !number.isNaN else { return 0 }
    let lower = self == .i4 ? -8 : Double(Integer.min)
    let upper = self == .i4 ? 7 : Double(Integer.max)
    if number <= lower { return self == .i4 ? -8 : Integer.min }
    if number >= upper { return self == .i4 ? 7 : Integer.max }
    // Far faster than the conversion of any number to any integer.
    if Integer.bitWidth < Int64.bitWidth {
      return Integer(truncatingIfNeeded: Int64(number.rounded(.toNearestOrEven)))
    }
    return Integer(number.rounded(.toNearestOrEven))
  }

  /// The bits of the bfloat16 nearest to `number`, ties to even; a NaN stays a NaN.
  static func bfloat16(_ number: Double) -> UInt16 {
    let bits = roundedToOdd(number).bitPattern
    guard !number.isNaN else { return UInt16(bits >> 16) | 0x40 }
    return UInt16(truncatingIfNeeded: (bits &+ 0x7fff &+ (bits >> 16 & 1)) >> 16)
  }

  /// The `Float` towards zero from `number`, its last bit set if digits were lost: rounding it once more, to fewer
  /// bits, then gives what rounding `number` itself would.
  ///
  /// Source: Boldo and Melquiond, "When double rounding is odd", IMACS 2005.
  private static func roundedToOdd(_ number: Double) -> Float {
    let nearest = Float(number)
    guard !number.isNaN, Double(nearest) != number else { return nearest }
    let towardsZero =
      abs(Double(nearest)) > abs(number) ? nearest.bitPattern - 1 : nearest.bitPattern
    return Float(bitPattern: towardsZero | 1)
  }
}
