import CKernels
import GraphIR
import Tensors

/// The mean along some axes, of `f32` elements and of integers.
public struct Mean: ReductionOperator {
  public static let name = "mean"
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

  /// A mean begins as a sum, at 0.
  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static func combine(_ sum: Double, _ x: Double) -> Double { sum + x }

  public static func finish(_ sum: Float, count: Int) -> Float { sum / Float(count) }

  public static func finish(_ sum: Double, count: Int) -> Double { sum / Double(count) }

  public static let integerStart: Int64 = 0

  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { sum &+ x }

  /// Fractions are dropped.
  public static func finish(_ sum: Int64, count: Int) -> Int64 { sum / Int64(max(1, count)) }

  /// The division by the count is part of the rescaling.
  public func quantizedKernel(_ walk: ReductionWalk, _ site: Site) throws -> Kernel {
    try walk.kernel(ck_reduction_mean, site, Self.name)
  }

  public static let examples = [
    Example(
      Mean(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.5, 4])]),
    Example(
      Mean(axes: [-1]),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, -8])],
      gives: [Tensor(TensorType(.i8, [1], Quantization(scale: 0.5)), numbers: [-7])]),
  ]
}
