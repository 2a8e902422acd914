import GraphIR
import Support
import Tensors

/// The sums of the rows that have one segment's number; 0 of none.
///
/// Operands: rows along the first axis; a number for each.
///
/// TFLite: `SEGMENT_SUM`.
public struct SegmentSum: SegmentOperator {
  public static let name = "segment_sum"
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

  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static let integerStart: Int32 = 0

  public static func combine(_ sum: Int32, _ x: Int32) -> Int32 { sum &+ x }

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
