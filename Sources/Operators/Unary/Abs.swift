import CKernels
import GraphIR
import Support
import Tensors

/// `y = |x|`, of `f32`, `f64`, `i32`, `i64`, `u64`, or quantized `i8`, `u8` or `i16` elements.
public struct Abs: UnaryOperator {
  public static let name = "abs"

  public static let hasQuantizedForm = true

  public static let hasWideForm = true

  public init() {}

  public func apply(_ x: Float) -> Float { abs(x) }

  /// The lowest number stays.
  public static let storedForms: [ElementType: StoredForm] = [
    .f64: form { (x: Double) in abs(x) },
    .i32: form { (x: Int32) in x < 0 ? 0 &- x : x },
    .i64: form { (x: Int64) in x < 0 ? 0 &- x : x },
    .u64: form { (x: UInt64) in x },
  ]

  public func quantizedKernel(_ site: Site) throws -> Kernel { try kernel(site, of: Int8.self) }

  /// Numbers without a scale stand for themselves.
  public func wideKernel(_ site: Site) throws -> Kernel {
    guard site.operands[0].quantization != nil || site.results[0].quantization != nil else {
      return Self.form { (x: Int16) in x < 0 ? 0 &- x : x }(site)
    }
    return try kernel(site, of: Int16.self)
  }

  /// Distances to the zero point, rescaled.
  private func kernel<Element: FixedWidthInteger & BitwiseCopyable & SendableMetatype>(
    _ site: Site, of element: Element.Type
  ) throws -> Kernel {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", Self.name)
    let output = try ElementChecks.perTensor(site.results[0], "the result", Self.name)
    let factor = try FixedPoint(Double(input.scale / output.scale))
    let (from, to) = (Int32(input.zeroPoint), Int32(output.zeroPoint))
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Element.self), results[0].pointer(to: Element.self))
      for index in 0..<count {
        let distance = abs(Int32(x[index]) - from)
        y[index] = Element(
          clamping: ck_requantize(distance, factor.multiplier, factor.shift) &+ to)
      }
    }
  }

  public static let examples = [
    Example(
      Abs(),
      [Tensor(TensorType(.f32, [3]), numbers: [-2, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [2, 0, 3])]),
    Example(
      Abs(),
      [Tensor(TensorType(.i32, [2]), numbers: [-2_147_483_647, 3])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [2_147_483_647, 3])]),
    Example(
      Abs(),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [-1, 4])],
      gives: [Tensor(TensorType(.i8, [2], Quantization(scale: 0.25)), numbers: [4, 6])]),
  ]
}
