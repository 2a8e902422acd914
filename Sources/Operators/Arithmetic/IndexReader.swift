import Tensors

/// Reads the elements of an operand that holds indices, which nobody has checked.
struct IndexReader: Sendable {
  /// The types of indices.
  static let elements: [ElementType] = [.i16, .i32, .i64]

  private let element: ElementType

  /// - Precondition: `ElementChecks.indices` has accepted the operand.
  init(_ type: TensorType) { element = type.element }

  /// The index as it is.
  func index(_ bytes: UnsafeRawBufferPointer, at place: Int) -> Int {
    switch element {
    case .i16: Int(bytes.pointer(to: Int16.self)[place])
    case .i64: Int(bytes.pointer(to: Int64.self)[place])
    default:
      Int(bytes.pointer(to: Int32.self)[place])
    }
  }

  /// The index among `count`, an index outside being taken for the nearest inside.
  func index(_ bytes: UnsafeRawBufferPointer, at place: Int, among count: Int) -> Int {
    min(max(index(bytes, at: place), 0), count - 1)
  }
}
