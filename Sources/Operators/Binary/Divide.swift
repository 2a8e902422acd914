import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a / b)`, with NumPy's broadcasting, of `f32`, `f64`, `i32`, `i64`, `u64`, `i8`, `u8` or
/// `i16` elements.
///
/// An integer divided by 0 gives 0, where LiteRT ends with an error.
public struct Divide: BinaryOperator {
  public static let name = "div"
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  /// - Parameter clamp: of the quotient.
  public init(clamp: Clamp) { self.clamp = clamp }

  public static func apply(_ a: Float, _ b: Float) -> Float { a / b }

  public static let doubleForm: (@Sendable (Double, Double) -> Double)? = { $0 / $1 }

  public static let hasQuantizedForm = true

  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, y) in
      withUnsafePointer(to: form) { ck_divide_i8(a, b, Int64(count), $0, y) }
    }
  }

  public static let hasWideForm = true

  public func wideKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, y) in
      withUnsafePointer(to: form) { ck_divide_i16(a, b, Int64(count), $0, y) }
    }
  }

  /// Source: `Prepare` in TFLite's div kernel.
  private func form(_ site: Site) throws -> ck_multiplication {
    let a = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let b = try ElementChecks.perTensor(site.operands[1], "operand 1", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let factor = try FixedPoint(Double(a.scale / (b.scale * output.scale)))
    let range = clamp.storedRange(of: site.results[0])
    return ck_multiplication(
      a_zero_point: Int32(a.zeroPoint), b_zero_point: Int32(b.zeroPoint),
      output_zero_point: Int32(output.zeroPoint), multiplier: factor.multiplier,
      shift: factor.shift, clamp_min: range.lower, clamp_max: range.upper,
      is_single: 0, factor: 0)
  }

  /// Drops the fraction. A quotient beyond 32 bits wraps.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { a, b in
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
  }

  /// As for 32 bits.
  public static let longForm: (@Sendable (Int64, Int64) -> Int64)? = { a, b in
    b == 0 ? 0 : a.dividedReportingOverflow(by: b).partialValue
  }

  /// Of `u64` elements, whose highest bit is no sign.
  public static let unsignedForm: (@Sendable (UInt64, UInt64) -> UInt64)? = { a, b in
    b == 0 ? 0 : a / b
  }

  public static let examples = [
    Example(
      Divide(),
      [
        Tensor(TensorType(.u64, [2]), TensorData([1 << 63 + 4, 7] as [UInt64])),
        Tensor(TensorType(.u64, [2]), TensorData([2, 1 << 63] as [UInt64])),
      ],
      gives: [Tensor(TensorType(.u64, [2]), TensorData([1 << 62 + 2, 0] as [UInt64]))]),
    Example(
      Divide(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [1.5, -1])]),
    Example(
      Divide(),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [21, -29]),
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [3, 7]),
      ],
      gives: [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.25, zeroPoint: -1)), numbers: [26, -18])
      ]),
    Example(
      Divide(),
      [
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [127, 100]),
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [1, -9]),
      ],
      gives: [Tensor(TensorType(.i16, [2], Quantization(scale: 0.25)), numbers: [508, -44])]),
  ]
}
