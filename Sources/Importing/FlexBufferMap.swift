/// A map of numbers in the FlexBuffers format, in which TFLite stores options of custom operators.
///
/// Nothing in it is trusted: what lies outside the bytes, or is no number, is not there.
///
/// Source: "FlexBuffers", the schema-less format of the FlatBuffers project.
struct FlexBufferMap {
  private let bytes: [UInt8]
  /// Where the values begin.
  private let start: Int
  /// The bytes of each value, as of the fields in front of them.
  private let width: Int
  private let count: Int

  /// The kinds of value that matter here, by their number in the format.
  private enum Kind: UInt8 {
    case integer = 1
    case unsigned = 2
    case real = 3
    case indirectInteger = 6
    case indirectUnsigned = 7
    case indirectReal = 8
    case map = 9
    case boolean = 26
  }

  /// Nil if the bytes do not end with a map.
  init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    // The last two bytes tell kind and width of the root, which stands in front of them.
    guard bytes.count >= 3, let rootWidth = bytes.last.map(Int.init),
      Kind(rawValue: bytes[bytes.count - 2] >> 2) == .map,
      let start = Self.target(bytes, of: bytes.count - 2 - rootWidth, width: rootWidth)
    else { return nil }
    self.start = start
    width = 1 << Int(bytes[bytes.count - 2] & 3)
    guard let count = Self.unsigned(bytes, at: start - width, width: width),
      count <= UInt64(bytes.count)
    else { return nil }
    self.count = Int(count)
  }

  /// The number with this key, a truth value being 0 or 1; nil if there is none.
  subscript(key: String) -> Double? {
    guard let keys = Self.target(bytes, of: start - 3 * width, width: width),
      let keyWidth = Self.unsigned(bytes, at: start - 2 * width, width: width), keyWidth <= 8
    else { return nil }
    let wanted = Array(key.utf8) + [0]
    let index = (0..<count).first { index in
      let place = keys + index * Int(keyWidth)
      guard let text = Self.target(bytes, of: place, width: Int(keyWidth)) else { return false }
      return bytes[text...].starts(with: wanted)
    }
    return index.flatMap(number)
  }

  private func number(_ index: Int) -> Double? {
    let (place, tag) = (start + index * width, start + count * width + index)
    guard bytes.indices.contains(tag) else { return nil }
    let indirectWidth = 1 << Int(bytes[tag] & 3)
    switch Kind(rawValue: bytes[tag] >> 2) {
    case .integer: return Self.signed(bytes, at: place, width: width)
    case .unsigned, .boolean: return Self.unsigned(bytes, at: place, width: width).map(Double.init)
    case .real: return Self.real(bytes, at: place, width: width)
    case .indirectInteger:
      return target(place).flatMap { Self.signed(bytes, at: $0, width: indirectWidth) }
    case .indirectUnsigned:
      return target(place).flatMap { Self.unsigned(bytes, at: $0, width: indirectWidth) }.map(
        Double.init)
    case .indirectReal:
      return target(place).flatMap { Self.real(bytes, at: $0, width: indirectWidth) }
    case .map, nil: return nil
    }
  }

  private func target(_ place: Int) -> Int? { Self.target(bytes, of: place, width: width) }
}

extension FlexBufferMap {
  /// Where the offset at a place leads, which counts backwards from there.
  private static func target(_ bytes: [UInt8], of place: Int, width: Int) -> Int? {
    guard let offset = unsigned(bytes, at: place, width: width), offset <= UInt64(place) else {
      return nil
    }
    return place - Int(offset)
  }

  private static func unsigned(_ bytes: [UInt8], at place: Int, width: Int) -> UInt64? {
    guard [1, 2, 4, 8].contains(width), place >= 0, place <= bytes.count - width else { return nil }
    return bytes[place..<place + width].reversed().reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func signed(_ bytes: [UInt8], at place: Int, width: Int) -> Double? {
    unsigned(bytes, at: place, width: width).map { bits in
      let unused = 64 - 8 * width
      return Double(Int64(bitPattern: bits << unused) >> unused)
    }
  }

  private static func real(_ bytes: [UInt8], at place: Int, width: Int) -> Double? {
    unsigned(bytes, at: place, width: width).flatMap { bits in
      switch width {
      case 2: Double(Float16(bitPattern: UInt16(bits)))
      case 4: Double(Float(bitPattern: UInt32(bits)))
      case 8: Double(bitPattern: bits)
      default: nil
      }
    }
  }
}
