/// JSON as bytes that are written one after the other: for reports with tens of thousands of events.
///
/// Full buffers go to a sink, so the whole text is never in memory.
struct JSONBytes: ~Copyable {
  private var buffer: [UInt8] = []
  private let sink: ([UInt8]) throws -> Void

  private static let capacity = 1 << 16

  init(_ sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
    buffer.reserveCapacity(2 * Self.capacity)
  }

  /// Hands on what is left.
  consuming func finish() throws { try sink(buffer) }

  /// Hands on what has come together, if it is enough; called between events.
  mutating func drain() throws {
    guard buffer.count >= Self.capacity else { return }
    try sink(buffer)
    buffer.removeAll(keepingCapacity: true)
  }

  /// Text that is JSON already, such as names of fields.
  mutating func raw(_ text: StaticString) {
    buffer.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Bytes that are JSON already.
  mutating func raw(_ bytes: [UInt8]) { buffer.append(contentsOf: bytes) }

  mutating func number(_ number: Int) {
    // Twenty digits hold any number; they come last first.
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    var rest = number.magnitude
    if number < 0 { buffer.append(UInt8(ascii: "-")) }
    withUnsafeMutableBytes(of: &digits) { digits in
      var start = digits.count
      repeat {
        start -= 1
        digits[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
        rest /= 10
      } while rest > 0
      buffer.append(contentsOf: digits[start...])
    }
  }

  /// `millionths / 1,000,000`, without zeros at the end.
  ///
  /// - Precondition: the number is not negative.
  mutating func decimal(millionths: Int) {
    number(millionths / 1_000_000)
    var rest = millionths % 1_000_000
    guard rest > 0 else { return }
    buffer.append(UInt8(ascii: "."))
    var unit = 100_000
    while rest > 0 {
      buffer.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / unit))
      rest %= unit
      unit /= 10
    }
  }

  mutating func string(_ text: String) { buffer.append(contentsOf: Escaping.json(text)) }
}
