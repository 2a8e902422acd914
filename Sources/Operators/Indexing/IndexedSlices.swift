import Tensors

/// The slices of a tensor that a list of places refers to, each place by an index for every leading axis, or for every
/// one behind the axes that tensor and list share.
struct IndexedSlices: Sendable {
  /// How many places there are.
  let count: Int
  /// The bytes of a slice.
  let byteCount: Int
  private let extents: [Int]
  private let strides: [Int]
  private let reader: IndexReader
  /// How many places there are for each index of the shared axes, and the bytes of what they lie in.
  private let batch: (count: Int, byteCount: Int)

  /// - Precondition: `whole` and `places` agree in the first `batchAxes` extents, and the last axis of `places` is no
  ///   longer than `whole` has further axes.
  init(
    of whole: TensorType, places: TensorType, batchAxes: Int = 0, countsFromBack: Bool = false
  ) {
    let depth = places.shape.extents.last ?? 0
    let width = whole.element.bitWidth / 8
    let inner = Shape(Array(whole.shape.extents.dropFirst(batchAxes)))
    count = places.shape.extents.dropLast().reduce(1, *)
    byteCount = inner.extents.dropFirst(depth).reduce(width, *)
    extents = Array(inner.extents.prefix(depth))
    strides = inner.strides.prefix(depth).map { $0 * width }
    batch = (
      count: places.shape.extents.dropLast().dropFirst(batchAxes).reduce(1, *),
      byteCount: inner.elementCount * width
    )
    reader = IndexReader(places, countsFromBack: countsFromBack)
  }

  /// The offset in bytes of the slice at a place. An index outside is taken for the nearest inside if `isClamped`, else
  /// there is none.
  func offset(_ places: UnsafeRawBufferPointer, at number: Int, isClamped: Bool) -> Int? {
    var offset = number / batch.count * batch.byteCount
    for axis in extents.indices {
      let index = reader.indexFromFront(
        places, at: number * extents.count + axis, among: extents[axis])
      guard isClamped || (0..<extents[axis]).contains(index) else { return nil }
      offset += min(max(index, 0), extents[axis] - 1) * strides[axis]
    }
    return offset
  }
}
