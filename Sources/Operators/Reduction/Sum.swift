import GraphIR
import Tensors

/// The sum along some axes, of `f32` elements.
public struct Sum: ReductionOperator {
  public static let name = "sum"
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

  /// A sum begins at 0.
  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static let examples = [
    Example(
      Sum(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [3, 8])])
  ]
}
