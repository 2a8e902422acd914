import GraphIR
import Tensors

/// Whether any element along some axes is true, of `bool` elements.
public struct ReduceAny: ReductionOperator {
  public static let name = "reduce_any"
  public static let elements: [ElementType] = [.bool]
  /// The axes that vanish; negative ones count from the back. Without any, the operand comes back.
  public var axes: [Int]
  /// Whether reduced axes stay, with an extent of 1 (TFLite: `keep_dims`).
  public var keepsAxes: Bool

  public init() { self.init(axes: []) }

  /// - Parameter axes: each from −rank to rank − 1; one that is named twice counts once.
  public init(axes: [Int], keepsAxes: Bool = false) {
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  /// As a number; there is no `f32` form.
  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { max(sum, x) }

  public static func combine(_ sum: Double, _ x: Double) -> Double { max(sum, x) }

  public static let integerStart: Int64 = 0

  /// Any byte but 0 is true.
  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { max(sum, x == 0 ? 0 : 1) }

  public static let examples = [
    Example(
      ReduceAny(axes: [-1]),
      [Tensor(TensorType(.bool, [2, 2]), numbers: [0, 0, 0, 1])],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [0, 1])])
  ]
}
