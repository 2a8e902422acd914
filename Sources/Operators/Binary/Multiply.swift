import CKernels
import GraphIR
import Support
import Tensors

/// `y = clamp(a · b)`, with NumPy's broadcasting, of `f32`, `i32`, `i64`, `i8`, `u8` or `i16` elements.
public struct Multiply: BinaryOperator {
  public static let name = "mul"
  /// What a fused activation does.
  public var clamp: Clamp
  /// The arithmetic by which products of bytes are rescaled.
  public var rescaling: Rescaling

  public init() { self.init(clamp: .none) }

  /// - Parameters:
  ///   - clamp: of the product.
  ///   - rescaling: of products of bytes.
  public init(clamp: Clamp, rescaling: Rescaling = .tflite) {
    self.clamp = clamp
    self.rescaling = rescaling
  }

  public static func apply(_ a: Float, _ b: Float) -> Float { a * b }

  public static let doubleForm: (@Sendable (Double, Double) -> Double)? = { $0 * $1 }

  public static let hasQuantizedForm = true

  public func quantizedKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int8>, b, count, y) in
      withUnsafePointer(to: form) { ck_multiply_i8(a, b, Int64(count), $0, y) }
    }
  }

  public static let hasWideForm = true

  public func wideKernel(_ site: Site) throws -> Kernel {
    let form = try form(site)
    return BroadcastKernel.make(site) { (a: UnsafePointer<Int16>, b, count, y) in
      withUnsafePointer(to: form) { ck_multiply_i16(a, b, Int64(count), $0, y) }
    }
  }

  /// Source: `Prepare` in TFLite's mul kernel.
  private func form(_ site: Site) throws -> ck_multiplication {
    let a = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let b = try ElementChecks.perTensor(site.operands[1], "operand 1", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let real = a.scale * b.scale / output.scale
    let factor = try FixedPoint(Double(real))
    let range = clamp.storedRange(of: site.results[0])
    return ck_multiplication(
      a_zero_point: Int32(a.zeroPoint), b_zero_point: Int32(b.zeroPoint),
      output_zero_point: Int32(output.zeroPoint), multiplier: factor.multiplier,
      shift: factor.shift, clamp_min: range.lower, clamp_max: range.upper,
      is_single: rescaling == .onnx ? 1 : 0, factor: real)
  }

  /// Wraps where a product is beyond 32 bits.
  public static let integerForm: (@Sendable (Int32, Int32) -> Int32)? = { $0 &* $1 }

  /// Wraps where a product is beyond 64 bits.
  public static let longForm: (@Sendable (Int64, Int64) -> Int64)? = { $0 &* $1 }

  public static let examples = [
    Example(
      Multiply(),
      [
        Tensor(TensorType(.f32, [2]), numbers: [6, -4]),
        Tensor(TensorType(.f32, [1]), numbers: [4]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [24, -16])]),
    // A product of 2.5 steps, whose half goes to the even number.
    Example(
      Multiply(clamp: .none, rescaling: .onnx),
      [
        Tensor(TensorType(.i8, [2], Quantization(scale: 0.5)), numbers: [5, 127]),
        Tensor(TensorType(.i8, [1], Quantization(scale: 1, zeroPoint: 1)), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 1)), numbers: [2, 64])]),
    Example(
      Multiply(),
      [
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [1000, -4]),
        Tensor(TensorType(.i16, [1], Quantization(scale: 2)), numbers: [3]),
      ],
      gives: [Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [6000, -24])]),
  ]
}
