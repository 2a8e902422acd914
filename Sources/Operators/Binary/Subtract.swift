import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a − b)`, with NumPy's broadcasting, of `f32`, `i32`, `i64`, `i8`, `u8` or `i16` elements.
public struct Subtract: BinaryOperator {
  public static let name = "sub"
  /// What a fused activation does.
  public var clamp: Clamp
  /// Whether `i16` operands are shifted where all scales are powers of two (TFLite: `pot_scale_int16`).
  public var shiftsPowersOfTwo: Bool

  public init() { self.init(clamp: .none) }

  /// - Parameters:
  ///   - clamp: of the difference.
  ///   - shiftsPowersOfTwo: which rounds otherwise than multiplying does.
  public init(clamp: Clamp, shiftsPowersOfTwo: Bool = false) {
    self.clamp = clamp
    self.shiftsPowersOfTwo = shiftsPowersOfTwo
  }

  public static func apply(_ a: Float, _ b: Float) -> Float { a - b }

  public static let doubleForm: (@Sendable (Double, Double) -> Double)? = { $0 - $1 }

  public static let hasQuantizedForm = true

  /// Brings operands to a common scale, as an addition does.
  ///
  /// Source: `PrepareGeneralSubOp` of TFLite.
  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try QuantizedSum.form(site.operands, site.results[0], clamp, Self.name)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, y) in
      withUnsafePointer(to: form) { ck_subtract_i8(a, b, Int64(count), $0, y) }
    }
  }

  public static let hasWideForm = true

  /// As `quantizedKernel`, or by shifts.
  public func wideKernel(_ site: Site) throws -> Kernel {
    let form = try QuantizedSum.form(site.operands, site.results[0], clamp, Self.name)
    if shiftsPowersOfTwo, let shifts = QuantizedSum.shifts(site.operands, site.results[0]) {
      return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, y) in
        ck_subtract_power_of_two_i16(
          a, shifts.a, b, shifts.b, Int64(count), form.clamp_min, form.clamp_max, y)
      }
    }
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, y) in
      withUnsafePointer(to: form) { ck_subtract_i16(a, b, Int64(count), $0, y) }
    }
  }

  /// Wraps where a difference is beyond 32 bits.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { $0 &- $1 }

  /// Wraps where a difference is beyond 64 bits.
  public static let longForm: (@Sendable (Int64, Int64) -> Int64)? = { $0 &- $1 }

  public static let examples = [
    Example(
      Subtract(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, -8])]),
    Example(
      Subtract(clamp: .relu),
      [
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [1000, 4]),
        Tensor(TensorType(.i16, [2], Quantization(scale: 1)), numbers: [100, 9]),
      ],
      gives: [Tensor(TensorType(.i16, [2], Quantization(scale: 0.25)), numbers: [1600, 0])]),
  ]
}
