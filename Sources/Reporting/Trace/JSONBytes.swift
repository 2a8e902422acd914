/// JSON as bytes that are written one after the other: for reports with tens of thousands of events.
///
/// Full buffers go to a sink, so the whole text is never in memory.
struct JSONBytes: ~Copyable {
  private var buffer: ByteText
  private let sink: ([UInt8]) throws -> Void

  private static let capacity = 1 << 16

  init(_ sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
    buffer = ByteText(capacity: 2 * Self.capacity)
  }

  /// Hands on what is left.
  consuming func finish() throws { try sink(buffer.bytes) }

  /// Hands on what has come together, if it is enough; called between events.
  mutating func drain() throws {
    guard buffer.count >= Self.capacity else { return }
    try sink(buffer.bytes)
    buffer.removeAll()
  }

  /// Text that is JSON already, such as names of fields.
  mutating func raw(_ text: StaticString) { buffer.append(text) }

  /// Bytes that are JSON already.
  mutating func raw(_ bytes: [UInt8]) { buffer.append(bytes) }

  mutating func number(_ number: Int) { buffer.append(digits: number) }

  /// `millionths / 1,000,000`, without zeros at the end.
  mutating func decimal(millionths: Int) { buffer.append(number: millionths, places: 6) }

  mutating func string(_ text: String) { buffer.append(Escaping.json(text)) }
}
