import GraphIR
import Tensors

/// Whether all elements along some axes are true, of `bool` elements.
public struct ReduceAll: ReductionOperator {
  public static let name = "reduce_all"
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
  public static let start: Float = 1

  public static func combine(_ sum: Float, _ x: Float) -> Float { min(sum, x) }

  public static func combine(_ sum: Double, _ x: Double) -> Double { min(sum, x) }

  public static let integerStart: Int64 = 1

  /// Any byte but 0 is true.
  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { min(sum, x == 0 ? 0 : 1) }

  public static let examples = [
    Example(
      ReduceAll(axes: [-1]),
      [Tensor(TensorType(.bool, [2, 2]), numbers: [0, 1, 1, 1])],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [0, 1])])
  ]
}
