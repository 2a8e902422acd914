import GraphIR
import Support
import Tensors

/// Combines the slices that have one segment's number, in any order, of `f32` or `i32` elements. Sums and products of
/// integers wrap, and slices with a number beyond the segments are left out.
///
/// Operands: slices behind the first axes; a number of `i16`, `i32` or `i64` for each.
public protocol SegmentOperator: Operator {
  /// How many segments there are.
  var count: Int { get }

  /// What a segment without slices holds.
  static var start: Float { get }

  /// One element more in its segment.
  static func combine(_ sum: Float, _ x: Float) -> Float

  /// As `start`, of integers.
  static var integerStart: Int32 { get }

  /// As for floats; results wrap.
  static func combine(_ sum: Int32, _ x: Int32) -> Int32
}

extension SegmentOperator {
  public static var elements: [ElementType] { [.f32, .i32] }

  /// `count` slices.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (slices, numbers) = (operands[0].shape, operands[1].shape)
    guard numbers.rank > 0, slices.extents.starts(with: numbers.extents),
      let shape = Shape(checkingPositive: [count] + slices.extents.dropFirst(numbers.rank))
    else { throw Diagnostic(.badSegments(Self.name, count, slices, numbers)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements([operands[0]], Self.elements, Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f32
      ? kernel(site, Self.start, Self.combine) : kernel(site, Self.integerStart, Self.combine)
  }

  private func kernel<Number: Sendable>(
    _ site: Site, _ start: Number, _ combine: @escaping @Sendable (Number, Number) -> Number
  ) -> Kernel {
    let slices = site.operands[1].elementCount
    let length = site.operands[0].elementCount / slices
    let (count, resultCount) = (count, site.results[0].elementCount)
    let reader = IndexReader(site.operands[1])
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
      for index in 0..<resultCount { y[index] = start }
      for slice in 0..<slices {
        let segment = reader.index(operands[1], at: slice)
        guard (0..<count).contains(segment) else { continue }
        for index in 0..<length {
          let place = segment * length + index
          y[place] = combine(y[place], x[slice * length + index])
        }
      }
    }
  }

  /// One operation for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }
}

extension Diagnostic.Message {
  fileprivate static func badSegments(
    _ kind: String, _ count: Int, _ slices: Shape, _ numbers: Shape
  ) -> Self {
    Self(
      id: "bad-segments", .malformed,
      "`\(kind)` cannot sort \(slices) by numbers \(numbers) into \(count) segments")
  }
}
