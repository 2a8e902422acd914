import Tensors

/// Reads the elements of an operand that holds indices, which nobody has checked.
struct IndexReader: Sendable {
  /// The types of indices.
  static let elements: [ElementType] = [.i16, .i32, .i64]

  private let element: ElementType
  /// Whether a negative index counts from the back.
  private let countsFromBack: Bool

  /// - Precondition: `ElementChecks.indices` has accepted the operand.
  init(_ type: TensorType, countsFromBack: Bool = false) {
    element = type.element
    self.countsFromBack = countsFromBack
  }

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
    min(max(indexFromFront(bytes, at: place, among: count), 0), count - 1)
  }

  /// The index among `count`, counted from the front; it may lie outside.
  func indexFromFront(_ bytes: UnsafeRawBufferPointer, at place: Int, among count: Int) -> Int {
    let index = index(bytes, at: place)
    return countsFromBack && index < 0 ? index + count : index
  }
}
