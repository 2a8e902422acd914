import GraphIR
import Tensors

/// The smallest element along some axes, of `f32` elements and of integers; quantized ones like the result.
public struct ReduceMin: ReductionOperator {
  public static let name = "reduce_min"
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

  /// Above every number.
  public static let start: Float = .infinity

  public static func combine(_ sum: Float, _ x: Float) -> Float { min(sum, x) }

  public static func combine(_ sum: Double, _ x: Double) -> Double { min(sum, x) }

  public static let integerStart = Int64.max

  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { min(sum, x) }

  public static let examples = [
    Example(
      ReduceMin(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1, 3])]),
    Example(
      ReduceMin(axes: [0]),
      [Tensor(TensorType(.i32, [2, 2]), numbers: [1, 2, 3, -5])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [1, -5])]),
  ]
}
