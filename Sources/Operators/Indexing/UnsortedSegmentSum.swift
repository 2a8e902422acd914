import GraphIR
import Tensors

/// The sum of the slices that have one segment's number; 0 of none.
///
/// TFLite: `UNSORTED_SEGMENT_SUM`.
public struct UnsortedSegmentSum: SegmentOperator {
  public static let name = "unsorted_segment_sum"
  /// How many segments there are.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: 1 or more.
  public init(count: Int) { self.count = count }

  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static let integerStart: Int32 = 0

  public static func combine(_ sum: Int32, _ x: Int32) -> Int32 { sum &+ x }

  public static let examples = [
    Example(
      UnsortedSegmentSum(count: 2),
      [
        Tensor(TensorType(.f32, [3, 2]), numbers: [1, 6, 3, 4, 5, 2]),
        Tensor(TensorType(.i32, [3]), numbers: [1, 0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 4, 6, 8])]),
    Example(
      UnsortedSegmentSum(count: 2),
      [
        Tensor(TensorType(.i32, [2, 2]), numbers: [3, 4, 2, 5]),
        Tensor(TensorType(.i64, [2, 2]), numbers: [0, -1, 0, 9]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [5, 0])]),
  ]
}
