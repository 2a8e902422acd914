/// Writes a map of numbers in the FlexBuffers format, in which TFLite stores options of custom operators.
///
/// Source: "FlexBuffers", the schema-less format of the FlatBuffers project.
enum FlexBufferWriter {
  /// A number in the map.
  enum Number {
    case integer(Int)
    case real(Float)
    case boolean(Bool)

    /// Its kind in the upper six bits, as the format numbers them, and its width of four bytes in the lower two.
    fileprivate var tag: UInt8 {
      switch self {
      case .integer: 1 << 2 | 2
      case .real: 3 << 2 | 2
      case .boolean: 26 << 2 | 2
      }
    }

    fileprivate var bits: UInt32 {
      switch self {
      case .integer(let number): UInt32(bitPattern: Int32(clamping: number))
      case .real(let number): number.bitPattern
      case .boolean(let isSet): isSet ? 1 : 0
      }
    }
  }

  /// The bytes of a map: the keys, a vector of where they are, the numbers with their kinds, and the root.
  ///
  /// All numbers and offsets have four bytes; keys stand in order, as readers search them.
  static func map(_ numbers: [String: Number]) -> [UInt8] {
    let entries = numbers.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
    var bytes: [UInt8] = []
    let keys = entries.map { key, _ in
      defer { bytes += Array(key.utf8) + [0] }
      return bytes.count
    }
    bytes += Array(repeating: 0, count: (4 - bytes.count % 4) % 4)
    append(entries.count, to: &bytes)
    let keyVector = bytes.count
    for key in keys { append(bytes.count - key, to: &bytes) }
    // In front of a map's numbers stand where its keys are, how wide their offsets are, and the count.
    append(bytes.count - keyVector, to: &bytes)
    append(4, to: &bytes)
    append(entries.count, to: &bytes)
    let start = bytes.count
    for (_, number) in entries { append(number.bits, to: &bytes) }
    bytes += entries.map(\.value.tag)
    // The root says how far in front of it the map begins, what it is, and how wide it is itself.
    let mapOfWideNumbers: UInt8 = 9 << 2 | 2
    bytes += Array(repeating: 0, count: (4 - bytes.count % 4) % 4)
    append(bytes.count - start, to: &bytes)
    return bytes + [mapOfWideNumbers, 4]
  }

  private static func append(_ number: Int, to bytes: inout [UInt8]) {
    append(UInt32(number), to: &bytes)
  }

  private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
  }
}
