import GraphIR
import Tensors

/// The sum along some axes, of `f32` elements.
public struct Sum: ReductionOperator {
  public static let name = "sum"
  public var axes: [Int]
  public var keepsAxes: Bool

  public init() { self.init(axes: []) }

  public init(axes: [Int], keepsAxes: Bool = false) {
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static let examples = [
    Example(
      Sum(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [3, 8])])
  ]
}
