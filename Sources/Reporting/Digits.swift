/// Numbers in text that is put together as bytes: reports have tens of thousands of them.
extension [UInt8] {
  /// Appends text from the source code.
  mutating func append(_ text: StaticString) {
    append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends the digits of a number.
  mutating func append(digits number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    append(digits: number.magnitude)
  }

  /// Appends `number / 10^places`, without zeros at the end.
  mutating func append(number: Int, places: Int) {
    let scale = Self.powersOfTen[places]
    let (whole, fraction) = number.magnitude.quotientAndRemainder(dividingBy: scale)
    if number < 0 { append(UInt8(ascii: "-")) }
    append(digits: whole)
    if fraction > 0 { append(fraction: fraction, below: scale) }
  }

  /// Appends a number rounded to at most so many places, without zeros at the end.
  ///
  /// - Returns: false, with nothing appended, for what is no finite number or has more than 15 digits.
  mutating func append(_ value: Double, places: Int) -> Bool {
    guard value.isFinite, value.magnitude < 1e15 else { return false }
    append(number: Int((value * Double(Self.powersOfTen[places])).rounded()), places: places)
    return true
  }

  private static let powersOfTen: [UInt] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000]

  private mutating func append(digits number: UInt) {
    let start = count
    var rest = number
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    // The last digit came first.
    var (low, high) = (start, count - 1)
    while low < high {
      swapAt(low, high)
      (low, high) = (low + 1, high - 1)
    }
  }

  private mutating func append(fraction: UInt, below scale: UInt) {
    append(UInt8(ascii: "."))
    var (rest, unit) = (fraction, scale / 10)
    while rest > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
      (rest, unit) = (rest % unit, unit / 10)
    }
  }
}
