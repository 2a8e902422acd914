import Operators

// Programs have tens of thousands of commands, so their numbers take no more bytes than they need. What does not fit
// becomes the nearest number that does. No sound program holds that one either: memories have at most 2⁴⁰ bytes, and an
// extent, or a distance in rows and columns, is less than 2³¹ − 1. The verifier therefore refuses it like the number that
// it stands for.

/// A number that is kept in two bytes: the index of a memory.
@propertyWrapper
public struct TwoBytes: Hashable, Sendable {
  private var stored: Int16

  /// Keeps the nearest number that fits.
  public init(wrappedValue: Int) { stored = Int16(clamping: wrappedValue) }

  /// The number that is kept.
  public var wrappedValue: Int {
    get { Int(stored) }
    set { stored = Int16(clamping: newValue) }
  }
}

/// A number that is kept in four bytes: an extent, or an index.
@propertyWrapper
public struct FourBytes: Hashable, Sendable {
  private var stored: Int32

  /// Keeps the nearest number that fits.
  public init(wrappedValue: Int) { stored = Int32(clamping: wrappedValue) }

  /// The number that is kept.
  public var wrappedValue: Int {
    get { Int(stored) }
    set { stored = Int32(clamping: newValue) }
  }
}

/// A number that is kept in six bytes: an address, or a number of bytes.
@propertyWrapper
public struct SixBytes: Hashable, Sendable {
  private var low: UInt32
  private var high: Int16

  private static let range = -1 << 47...(1 << 47 - 1)

  /// Keeps the nearest number that fits.
  public init(wrappedValue: Int) {
    let number = min(max(wrappedValue, Self.range.lowerBound), Self.range.upperBound)
    low = UInt32(truncatingIfNeeded: number)
    high = Int16(truncatingIfNeeded: number >> 32)
  }

  /// The number that is kept.
  public var wrappedValue: Int {
    get { Int(high) << 32 | Int(low) }
    set { self = SixBytes(wrappedValue: newValue) }
  }
}

/// Two numbers that are kept in four bytes each: those of a window.
@propertyWrapper
public struct FourBytesEach: Hashable, Sendable {
  @FourBytes private var height: Int
  @FourBytes private var width: Int

  /// Keeps the nearest numbers that fit.
  public init(wrappedValue: Spatial) {
    height = wrappedValue.height
    width = wrappedValue.width
  }

  /// The numbers that are kept.
  public var wrappedValue: Spatial {
    get { Spatial(height: height, width: width) }
    set { self = FourBytesEach(wrappedValue: newValue) }
  }
}
