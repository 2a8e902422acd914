import GraphIR
import Tensors

/// The smallest elements of the slices that have one segment's number; the highest finite number of none.
///
/// TFLite: `UNSORTED_SEGMENT_MIN`.
public struct UnsortedSegmentMinimum: SegmentOperator {
  public static let name = "unsorted_segment_min"
  /// How many segments there are.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: 1 or more.
  public init(count: Int) { self.count = count }

  public static let start: Float = .greatestFiniteMagnitude

  public static func combine(_ sum: Float, _ x: Float) -> Float { min(sum, x) }

  public static let integerStart: Int32 = .max

  public static func combine(_ sum: Int32, _ x: Int32) -> Int32 { min(sum, x) }

  public static let examples = [
    Example(
      UnsortedSegmentMinimum(count: 2),
      [
        Tensor(TensorType(.f32, [3, 2]), numbers: [1, 6, 3, 4, 5, 2]),
        Tensor(TensorType(.i32, [3]), numbers: [1, 0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 4, 1, 2])]),
    Example(
      UnsortedSegmentMinimum(count: 2),
      [
        Tensor(TensorType(.i32, [2, 2]), numbers: [3, 4, 2, 5]),
        Tensor(TensorType(.i64, [2, 2]), numbers: [0, -1, 0, 9]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [2, 2_147_483_647])]),
  ]
}
