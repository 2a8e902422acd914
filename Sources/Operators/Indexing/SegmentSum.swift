import GraphIR
import Support
import Tensors

/// The sums of the rows that have one segment's number, of `f32` or `i32` elements. Sums of integers wrap, and rows with
/// a number beyond the segments are left out.
///
/// Operands: rows along the first axis; a number of `i32` or `i64` for each.
///
/// TFLite: `SEGMENT_SUM`.
public struct SegmentSum: Operator {
  public static let name = "segment_sum"
  public static let elements: [ElementType] = [.f32, .i32]
  /// How many segments there are.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: 1 or more.
  public init(count: Int) { self.count = count }

  /// The operand's extents with `count` as the first.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    guard let rows = operands[0].shape.extents.first,
      let shape = Shape(checkingPositive: [count] + operands[0].shape.extents.dropFirst())
    else { throw Diagnostic(.badSegments(count, operands[0].shape)) }
    try ElementChecks.shape(operands, 1, [rows], Self.name)
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements([operands[0]], Self.elements, Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f32
      ? kernel(site) { (a: Float, b) in a + b } : kernel(site) { (a: Int32, b) in a &+ b }
  }

  private func kernel<Number: Sendable>(
    _ site: Site, _ add: @escaping @Sendable (Number, Number) -> Number
  ) -> Kernel {
    let rows = site.operands[0].shape[0]
    let length = site.operands[0].elementCount / rows
    let reader = IndexReader(site.operands[1])
    return Kernel { [count] operands, results, _ in
      for index in results[0].indices { results[0][index] = 0 }
      let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
      for row in 0..<rows {
        let segment = reader.index(operands[1], at: row)
        guard (0..<count).contains(segment) else { continue }
        for column in 0..<length {
          let place = segment * length + column
          y[place] = add(y[place], x[row * length + column])
        }
      }
    }
  }

  /// One addition for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }

  public static let examples = [
    Example(
      SegmentSum(count: 2),
      [
        Tensor(TensorType(.f32, [3, 2]), numbers: [1, 2, 3, 4, 5, 6]),
        Tensor(TensorType(.i32, [3]), numbers: [0, 0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [4, 6, 5, 6])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badSegments(_ count: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-segments", .malformed,
      "`segment_sum` cannot add the rows of \(shape) into \(count) segments")
  }
}
