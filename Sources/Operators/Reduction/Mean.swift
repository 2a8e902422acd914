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
  /// The order in which real numbers are added.
  public var arithmetic: RealArithmetic

  public init() { self.init(axes: []) }

  /// - Parameters:
  ///   - axes: each from −rank to rank − 1; one that is named twice counts once.
  ///   - arithmetic: of real numbers.
  public init(axes: [Int], keepsAxes: Bool = false, arithmetic: RealArithmetic = .tflite) {
    self.axes = axes
    self.keepsAxes = keepsAxes
    self.arithmetic = arithmetic
  }

  /// Neighbours in lanes, where the arithmetic says so.
  public func realKernel(_ walk: ReductionWalk) -> Kernel {
    arithmetic == .onnx
      ? walk.kernel(summing: ck_vector_sum_f32, finish: Self.finish)
      : walk.kernel(start: Self.start, { Self.combine($0, $1) }, finish: Self.finish)
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
    // One after another, each 1 is lost behind 2²⁴.
    Example(
      Mean(axes: [0], arithmetic: .onnx),
      [Tensor(TensorType(.f32, [8]), numbers: [0x1p24, 1, 1, 1, 0, 1, 1, 1])],
      gives: [Tensor(TensorType(.f32, []), numbers: [(0x1p24 + 6) / 8])]),
    Example(
      Mean(axes: [-1]),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, -8])],
      gives: [Tensor(TensorType(.i8, [1], Quantization(scale: 0.5)), numbers: [-7])]),
  ]
}
