import GraphIR
import Tensors

/// The product of the slices that have one segment's number; 1 of none.
///
/// TFLite: `UNSORTED_SEGMENT_PROD`.
public struct UnsortedSegmentProduct: SegmentOperator {
  public static let name = "unsorted_segment_prod"
  /// How many segments there are.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: 1 or more.
  public init(count: Int) { self.count = count }

  public static let start: Float = 1

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum * x }

  public static let integerStart: Int32 = 1

  public static func combine(_ sum: Int32, _ x: Int32) -> Int32 { sum &* x }

  public static let examples = [
    Example(
      UnsortedSegmentProduct(count: 2),
      [
        Tensor(TensorType(.f32, [3, 2]), numbers: [1, 6, 3, 4, 5, 2]),
        Tensor(TensorType(.i32, [3]), numbers: [1, 0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 4, 5, 12])]),
    Example(
      UnsortedSegmentProduct(count: 2),
      [
        Tensor(TensorType(.i32, [2, 2]), numbers: [3, 4, 2, 5]),
        Tensor(TensorType(.i64, [2, 2]), numbers: [0, -1, 0, 9]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [6, 1])]),
  ]
}
