import Tensors

/// The slices of a tensor that a list of places refers to, each place by an index for every leading axis.
struct IndexedSlices: Sendable {
  /// How many places there are.
  let count: Int
  /// The bytes of a slice.
  let byteCount: Int
  private let extents: [Int]
  private let strides: [Int]
  private let reader: IndexReader

  /// - Precondition: the last axis of `places` is no longer than `whole` has axes.
  init(of whole: TensorType, places: TensorType) {
    let depth = places.shape.extents.last ?? 0
    count = places.shape.extents.dropLast().reduce(1, *)
    byteCount = whole.shape.extents.dropFirst(depth).reduce(whole.element.bitWidth / 8, *)
    extents = Array(whole.shape.extents.prefix(depth))
    strides = Array(whole.shape.strides.prefix(depth)).map { $0 * whole.element.bitWidth / 8 }
    reader = IndexReader(places)
  }

  /// The offset in bytes of the slice at a place. An index outside is taken for the nearest inside if `isClamped`, else
  /// there is none.
  func offset(_ places: UnsafeRawBufferPointer, at number: Int, isClamped: Bool) -> Int? {
    var offset = 0
    for axis in extents.indices {
      let index = reader.index(places, at: number * extents.count + axis)
      guard isClamped || (0..<extents[axis]).contains(index) else { return nil }
      offset += min(max(index, 0), extents[axis] - 1) * strides[axis]
    }
    return offset
  }
}
