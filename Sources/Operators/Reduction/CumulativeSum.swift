import GraphIR
import Tensors

/// `y[i] = Σ x[j]` over `j ≤ i` along an axis, of `f32`, `f64`, `i32` or `i64` elements. Sums of integers wrap.
///
/// TFLite: `CUMSUM`. ONNX: `CumSum`.
public struct CumulativeSum: CumulativeOperator {
  public static let name = "cumsum"
  /// The axis along which elements add up; a negative one counts from the back.
  public var axis: Int
  /// Whether an element is left out of its own sum: `j < i`.
  public var isExclusive: Bool
  /// Whether sums begin at the end of the axis: `j ≥ i`.
  public var isReverse: Bool

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int, isExclusive: Bool = false, isReverse: Bool = false) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReverse = isReverse
  }

  public static let forms: [ElementType: CumulativeForm] = [
    .f32: form(from: 0) { (a: Float, b) in a + b },
    .f64: form(from: 0) { (a: Double, b) in a + b },
    .i32: form(from: 0) { (a: Int32, b) in a &+ b },
    .i64: form(from: 0) { (a: Int64, b) in a &+ b },
  ]

  public static let examples = [
    Example(
      CumulativeSum(axis: 0),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 4, 6])]),
    Example(
      CumulativeSum(axis: -1, isExclusive: true, isReverse: true),
      [Tensor(TensorType(.i32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [5, 3, 0])]),
  ]
}
