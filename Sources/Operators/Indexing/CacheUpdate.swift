import GraphIR
import Support
import Tensors

/// A cache with new entries written along an axis, for each batch from a position of its own on. What would be written
/// outside is left out, unless the cache is a ring.
///
/// Operands: the cache; the entries; and a position for each index of the first axis, of `i16`, `i32` or `i64` elements.
///
/// ONNX: `TensorScatter`.
public struct CacheUpdate: Operator {
  public static let name = "cache_update"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// The axis along which entries lie, not the first; a negative one counts from the back.
  public var axis: Int
  /// Whether entries behind the end go to the beginning.
  public var isRing: Bool

  public init() { self.init(axis: -2) }

  /// - Parameter axis: from −rank to rank − 1, but not the first.
  public init(axis: Int, isRing: Bool = false) {
    self.axis = axis
    self.isRing = isRing
  }

  /// The cache's type. Entries have its extents, or less along the axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let (cache, entries) = (operands[0].shape, operands[1].shape)
    let axis = try ElementChecks.axis(axis, rank: cache.rank, Self.name)
    var expected = cache.extents
    if axis < entries.rank { expected[axis] = min(entries[axis], cache[axis]) }
    try ElementChecks.shape(operands, 1, Shape(expected), Self.name)
    try ElementChecks.shape(operands, 2, [cache[0]], Self.name)
    guard axis > 0 else { throw Diagnostic(.batchAxis) }
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameElements(Array(operands.prefix(2)), Self.elements, Self.name)
    try ElementChecks.indices(operands, 2, Self.name)
    for operand in operands.prefix(2) {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (cache, entries) = (site.operands[0].shape, site.operands[1].shape)
    let axis = try ElementChecks.axis(axis, rank: cache.rank, Self.name)
    let bytes = cache.extents[(axis + 1)...].reduce(site.results[0].element.bitWidth / 8, *)
    let rows = cache.extents[..<axis].reduce(1, *)
    let rowsPerBatch = rows / cache[0]
    let (length, count) = (cache[axis], entries[axis])
    let reader = IndexReader(site.operands[2])
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: operands[0])
      for row in 0..<rows {
        let start = reader.index(operands[2], at: row / rowsPerBatch)
        for entry in 0..<count {
          guard let place = place(start, entry, length) else { continue }
          results[0].copy(
            bytes, of: operands[1], from: (row * count + entry) * bytes,
            to: (row * length + place) * bytes)
        }
      }
    }
  }

  /// Where an entry goes; nil if that is outside.
  private func place(_ start: Int, _ entry: Int, _ length: Int) -> Int? {
    let place = start &+ entry
    if isRing { return (place % length + length) % length }
    return (0..<length).contains(place) ? place : nil
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      CacheUpdate(axis: 1),
      [
        Tensor(TensorType(.f32, [2, 3, 1]), numbers: [1, 2, 3, 4, 5, 6]),
        Tensor(TensorType(.f32, [2, 1, 1]), numbers: [7, 8]),
        Tensor(TensorType(.i64, [2]), numbers: [2, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 3, 1]), numbers: [1, 2, 7, 8, 5, 6])]),
    Example(
      CacheUpdate(axis: -1, isRing: true),
      [
        Tensor(TensorType(.i16, [1, 3]), numbers: [1, 2, 3]),
        Tensor(TensorType(.i16, [1, 2]), numbers: [7, 8]),
        Tensor(TensorType(.i64, [1]), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i16, [1, 3]), numbers: [8, 2, 7])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static var batchAxis: Self {
    Self(
      id: "bad-cache-axis", .malformed,
      "the entries of `cache_update` lie along the first axis, which is that of batches")
  }
}
