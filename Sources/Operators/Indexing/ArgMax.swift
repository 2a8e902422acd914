import GraphIR
import Tensors

/// Where along an axis the largest element lies, of `f32`, `i8`, `u8`, `i32`, `i64` or `bool` elements.
public struct ArgMax: PlaceOperator {
  public static let name = "arg_max"
  /// The axis that vanishes; a negative one counts from the back.
  public var axis: Int
  /// The type of the places, `i32` or `i64`.
  public var element: ElementType
  /// Whether the last of equal elements counts, not the first.
  public var takesLast: Bool

  public init() { self.init(axis: -1) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1.
  ///   - element: of the result, `i32` or `i64`.
  ///   - takesLast: of equal elements.
  public init(axis: Int, element: ElementType = .i32, takesLast: Bool = false) {
    self.axis = axis
    self.element = element
    self.takesLast = takesLast
  }

  public static func isBetter<Number: Comparable>(_ x: Number, than best: Number) -> Bool {
    x > best
  }

  public static let examples = [
    Example(
      ArgMax(axis: 1),
      [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 6, 5, 6])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [2, 0])]),
    Example(
      ArgMax(axis: 1, element: .i64, takesLast: true),
      [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 6, 5, 6])],
      gives: [Tensor(TensorType(.i64, [2]), numbers: [2, 2])]),
  ]
}
