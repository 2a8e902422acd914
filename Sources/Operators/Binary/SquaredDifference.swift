import CKernels
import GraphIR
import Support
import Tensors

/// `y = (a − b)²`, with NumPy's broadcasting, of `f32`, `i32`, `i8` or `u8` elements.
public struct SquaredDifference: BinaryOperator {
  public static let name = "squared_difference"

  public init() {}

  public static func apply(_ a: Float, _ b: Float) -> Float { (a - b) * (a - b) }

  public static let hasQuantizedForm = true

  /// Both operands are brought to a common scale, twice the larger, with 7 more bits.
  ///
  /// Source: `Prepare` and `SquaredDifference` in TFLite's squared difference kernel.
  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let quantizations = try zip(
      site.operands + site.results, ["operand 0", "operand 1", "the result"]
    )
    .map { try ElementChecks.perTensor($0, $1, Self.name) }
    let zeroPoints = quantizations.map { Int32($0.zeroPoint) }
    let scales = quantizations.map { Double($0.scale) }
    let common = 2 * max(scales[0], scales[1])
    let factors = try scales.prefix(2).map { try FixedPoint($0 / common) }
    let output = try FixedPoint(common * common / (0x1p14 * scales[2]))
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, y) in
      for index in 0..<count {
        let (x, z) = (Int32(a[index]) - zeroPoints[0], Int32(b[index]) - zeroPoints[1])
        let difference =
          ck_requantize(x << 7, factors[0].multiplier, factors[0].shift)
          - ck_requantize(z << 7, factors[1].multiplier, factors[1].shift)
        let square = ck_requantize(difference &* difference, output.multiplier, output.shift)
        y[index] = Int8(clamping: square &+ zeroPoints[2])
      }
    }
  }

  /// Wraps where a square is beyond 32 bits.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { ($0 &- $1) &* ($0 &- $1) }

  public static let examples = [
    Example(
      SquaredDifference(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [4, 64])]),
    Example(
      SquaredDifference(),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [5, -7]),
        Tensor(TensorType(.i8, [1], Quantization(scale: 1)), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 1)), numbers: [4, 64])]),
  ]
}
