/// Text that is put together as bytes: reports have hundreds of thousands of pieces, most of them numbers of a few digits.
///
/// It owns its memory, as an array would spend more on each piece than on its bytes.
struct ByteText: ~Copyable {
  private var buffer: UnsafeMutableBufferPointer<UInt8>
  /// How many bytes there are.
  private(set) var count = 0

  init(capacity: Int = 64) { buffer = .allocate(capacity: capacity) }

  deinit { buffer.deallocate() }

  /// The bytes so far.
  var bytes: [UInt8] {
    Array(unsafeUninitializedCapacity: count) { copy, initialized in
      if let start = buffer.baseAddress {
        copy.baseAddress?.initialize(from: start, count: count)
      }
      initialized = count
    }
  }

  /// The bytes so far, which are UTF-8.
  var text: String {
    String(decoding: UnsafeBufferPointer(rebasing: buffer[..<count]), as: UTF8.self)
  }

  /// Keeps the memory for what comes next.
  mutating func removeAll() { count = 0 }

  /// Appends text from the source code.
  mutating func append(_ text: StaticString) {
    append(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends bytes.
  mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBufferPointer { append($0) } }

  private mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    guard let source = bytes.baseAddress, !bytes.isEmpty else { return }
    reserve(bytes.count)
    (buffer.baseAddress! + count).update(from: source, count: bytes.count)
    count += bytes.count
  }

  /// Appends the digits of a number.
  mutating func append(digits number: Int) {
    reserve(Self.longestNumber)
    if number < 0 { put(UInt8(ascii: "-")) }
    put(digits: number.magnitude)
  }

  /// Appends `number / 10^places`, without zeros at the end.
  mutating func append(number: Int, places: Int) {
    reserve(Self.longestNumber)
    let scale = Self.powersOfTen[places]
    let (whole, fraction) = number.magnitude.quotientAndRemainder(dividingBy: scale)
    if number < 0 { put(UInt8(ascii: "-")) }
    put(digits: whole)
    if fraction > 0 { put(fraction: fraction, below: scale) }
  }

  /// Appends a number rounded to at most so many places, without zeros at the end.
  ///
  /// - Returns: false, with nothing appended, for what is no finite number or has more than 15 digits.
  mutating func append(_ value: Double, places: Int) -> Bool {
    guard value.isFinite, value.magnitude < 1e15 else { return false }
    append(number: Int((value * Double(Self.powersOfTen[places])).rounded()), places: places)
    return true
  }
}

extension ByteText {
  private static let powersOfTen: [UInt] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

  /// A sign, twenty digits, a point, and as many digits behind it as the largest power of ten has zeros.
  private static let longestNumber = 28

  private mutating func reserve(_ more: Int) {
    guard count + more > buffer.count else { return }
    let larger = UnsafeMutableBufferPointer<UInt8>
      .allocate(capacity: max(count + more, 2 * buffer.count))
    _ = larger.update(fromContentsOf: buffer[..<count])
    buffer.deallocate()
    buffer = larger
  }

  /// Room is there already.
  private mutating func put(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
  }

  private mutating func put(digits number: UInt) {
    let start = count
    var rest = number
    repeat {
      put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    // The last digit came first.
    var (low, high) = (start, count - 1)
    while low < high {
      buffer.swapAt(low, high)
      (low, high) = (low + 1, high - 1)
    }
  }

  private mutating func put(fraction: UInt, below scale: UInt) {
    put(UInt8(ascii: "."))
    var (rest, unit) = (fraction, scale / 10)
    while rest > 0 {
      put(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
      (rest, unit) = (rest % unit, unit / 10)
    }
  }
}
