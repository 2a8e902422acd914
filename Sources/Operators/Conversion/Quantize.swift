import CKernels
import GraphIR
import Support
import Tensors

/// The stored numbers nearest to real ones: `y = clamp(round(x / scale) + zeroPoint)`, halves away from zero.
///
/// The operand is `f32`, or `i8` or `u8` of another scale; the result `i8` or `u8`.
public struct Quantize: Operator {
  public static let name = "quantize"
  public static let elements: [ElementType] = [.f32, .i8, .u8]
  /// `i8` or `u8`.
  public var element: ElementType

  public init() { self.init(element: .i8) }

  /// - Parameter element: `i8` or `u8`; scale and zero point are those of the declared result.
  public init(element: ElementType) { self.element = element }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  /// The result has a single scale; an 8-bit operand too, not 2³¹ or more times as large.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    _ = try ElementChecks.perTensor(results[0], "the result", Self.name)
    try ElementChecks.elements([results[0].signed], [[.i8]], Self.name)
    guard operands[0].element != .f32 else { return }
    try ElementChecks.elements([operands[0].signed], [[.i8]], Self.name)
    _ = try factor(operands[0], results[0])
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element == .f32 else { return try requantizing(site) }
    let result = site.results[0]
    let quantization = try ElementChecks.perTensor(result, "the result", Self.name)
    return Kernel { operands, results, _ in
      let x = operands[0].pointer(to: Float.self)
      for index in 0..<result.elementCount {
        let steps = (x[index] / quantization.scale).rounded(.toNearestOrAwayFromZero)
        result.element.store(
          Double(steps) + Double(quantization.zeroPoint), in: results[0], at: index)
      }
    }
  }

  /// From one 8-bit scale to another, in fixed point and without real numbers in between.
  private func requantizing(_ site: Site) throws -> Kernel {
    let factor = try factor(site.operands[0], site.results[0])
    let count = Int64(site.results[0].elementCount)
    let from = Int32(site.operands[0].signed.quantization?.zeroPoint ?? 0)
    let to = Int32(site.results[0].signed.quantization?.zeroPoint ?? 0)
    return Kernel { operands, results, _ in
      ck_requantize_i8_to_i8(
        operands[0].pointer(to: Int8.self), count, from, factor.multiplier, factor.shift, to,
        results[0].pointer(to: Int8.self))
    }.unsigned(site)
  }

  private func factor(_ operand: TensorType, _ result: TensorType) throws -> FixedPoint {
    let input = try ElementChecks.perTensor(operand, "operand 0", Self.name)
    let output = try ElementChecks.perTensor(result, "the result", Self.name)
    return try FixedPoint(Double(input.scale) / Double(output.scale))
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Quantize(),
      [Tensor(TensorType(.f32, [3]), numbers: [0.25, -1, 100])],
      gives: [
        Tensor(TensorType(.i8, [3], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [2, -1, 127])
      ]),
    Example(
      Quantize(element: .u8),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, 5])],
      gives: [
        Tensor(TensorType(.u8, [2], Quantization(scale: 0.5, zeroPoint: 10)), numbers: [14, 18])
      ]),
  ]
}
