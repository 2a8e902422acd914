import GraphIR
import Tensors

/// The mean along some axes, of `f32` elements.
public struct Mean: ReductionOperator {
  public static let name = "mean"
  public var axes: [Int]
  public var keepsAxes: Bool

  public init() { self.init(axes: []) }

  public init(axes: [Int], keepsAxes: Bool = false) {
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static func finish(_ sum: Float, count: Int) -> Float { sum / Float(count) }

  public static let examples = [
    Example(
      Mean(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.5, 4])])
  ]
}
