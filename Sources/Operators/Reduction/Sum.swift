import CKernels
import GraphIR
import Tensors

/// The sum along some axes, of `f32` elements and of integers.
public struct Sum: ReductionOperator {
  public static let name = "sum"
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

  /// A sum begins at 0.
  public static let start: Float = 0

  public static func combine(_ sum: Float, _ x: Float) -> Float { sum + x }

  public static func combine(_ sum: Double, _ x: Double) -> Double { sum + x }

  public static let integerStart: Int64 = 0

  public static func combine(_ sum: Int64, _ x: Int64) -> Int64 { sum &+ x }

  /// Rescaled as a whole. LiteRT 2.3 takes signed bytes for unsigned ones here, which its later sources do not.
  public func quantizedKernel(_ walk: ReductionWalk, _ site: Site) throws -> Kernel {
    try walk.kernel(ck_reduction_sum, site, Self.name)
  }

  public static let examples = [
    Example(
      Sum(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [3, 8])]),
    // One after another, each 1 is lost behind 2²⁴.
    Example(
      Sum(axes: [0], arithmetic: .onnx),
      [Tensor(TensorType(.f32, [8]), numbers: [0x1p24, 1, 1, 1, 0, 1, 1, 1])],
      gives: [Tensor(TensorType(.f32, []), numbers: [0x1p24 + 6])]),
    Example(
      Sum(axes: [-1]),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, -8])],
      gives: [Tensor(TensorType(.i8, [1], Quantization(scale: 0.5)), numbers: [-14])]),
  ]
}
