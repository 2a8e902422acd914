import GraphIR
import Tensors

/// `y[i] = Π x[j]` over `j ≤ i` along an axis, of `f32`, `f64`, `i32` or `i64` elements. Products of integers wrap.
///
/// ONNX: `CumProd`.
public struct CumulativeProduct: CumulativeOperator {
  public static let name = "cumprod"
  /// The axis along which elements are multiplied; a negative one counts from the back.
  public var axis: Int
  /// Whether an element is left out of its own product: `j < i`.
  public var isExclusive: Bool
  /// Whether products begin at the end of the axis: `j ≥ i`.
  public var isReverse: Bool

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int, isExclusive: Bool = false, isReverse: Bool = false) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReverse = isReverse
  }

  public static let forms: [ElementType: CumulativeForm] = [
    .f32: form(from: 1) { (a: Float, b) in a * b },
    .f64: form(from: 1) { (a: Double, b) in a * b },
    .i32: form(from: 1) { (a: Int32, b) in a &* b },
    .i64: form(from: 1) { (a: Int64, b) in a &* b },
  ]

  public static let examples = [
    Example(
      CumulativeProduct(axis: 0),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1.5, 2, 3, 4])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1.5, 2, 4.5, 8])]),
    Example(
      CumulativeProduct(axis: -1, isExclusive: true, isReverse: true),
      [Tensor(TensorType(.i32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [6, 3, 1])]),
  ]
}
