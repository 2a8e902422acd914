import CKernels
import GraphIR
import Support
import Tensors

/// The stored numbers nearest to real ones: `y = clamp(round(x / scale) + zeroPoint)`, halves away from zero.
///
/// The operand is `f32`, or integers of another scale; the result `i8`, `u8` or `i16`, of an integer operand also `i32`. What comes
/// from `f32` may have a scale for each index of an axis.
public struct Quantize: Operator {
  public static let name = "quantize"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i16, .i32]
  /// `i8`, `u8`, `i16` or `i32`.
  public var element: ElementType

  public init() { self.init(element: .i8) }

  /// - Parameter element: of the result; scale and zero point are those of the declared one.
  public init(element: ElementType) { self.element = element }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  /// Integers have a single scale, and their operand's is not 2³¹ or more times as large.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    let narrow: [ElementType] = [.i8, .i16]
    guard operands[0].element == .f32 else {
      let pairs = (narrow + [.i32]).flatMap { from in (narrow + [.i32]).map { [from, $0] } }
      try ElementChecks.elements([operands[0].signed, results[0].signed], pairs, Self.name)
      return _ = try factor(operands[0], results[0])
    }
    try ElementChecks.elements([results[0].signed], narrow.map { [$0] }, Self.name)
    if results[0].quantization?.isPerTensor ?? true {
      _ = try ElementChecks.perTensor(results[0], "the result", Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element == .f32 else { return try requantizing(site) }
    let result = site.results[0]
    guard let quantization = result.quantization else {
      preconditionFailure("`check` lets none but quantized results pass")
    }
    let stride = quantization.axis.map { result.shape.strides[$0] } ?? 1
    let channels = quantization.scales.count
    return Kernel { operands, results, _ in
      let x = operands[0].pointer(to: Float.self)
      for index in 0..<result.elementCount {
        let channel = index / stride % channels
        let steps = (x[index] / quantization.scales[channel]).rounded(.toNearestOrAwayFromZero)
        result.element.store(
          Double(steps) + Double(quantization.zeroPoints[channel]), in: results[0], at: index)
      }
    }
  }

  /// From one scale to another, in fixed point and without real numbers in between.
  private func requantizing(_ site: Site) throws -> Kernel {
    let (operand, result) = (site.operands[0], site.results[0])
    let factor = try factor(operand, result)
    let rescaling = ck_rescaling(
      input_zero_point: Int32(operand.quantization?.zeroPoint ?? 0), multiplier: factor.multiplier,
      shift: factor.shift, output_zero_point: Int32(result.quantization?.zeroPoint ?? 0))
    let (from, to) = (ck_element(operand.element), ck_element(result.element))
    let count = Int64(result.elementCount)
    return Kernel { operands, results, _ in
      withUnsafePointer(to: rescaling) { rescaling in
        ck_requantize_elements(
          operands[0].baseAddress, from, count, rescaling, results[0].baseAddress, to)
      }
    }
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
    Example(
      Quantize(element: .i16),
      [Tensor(TensorType(.i8, [2], Quantization(scale: 1, zeroPoint: 1)), numbers: [3, -128])],
      gives: [
        Tensor(TensorType(.i16, [2], Quantization(scale: 0.5)), numbers: [4, -258])
      ]),
    Example(
      Quantize(element: .i8),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 1, 2, 2])],
      gives: [
        Tensor(
          TensorType(
            .i8, [2, 2], Quantization(axis: 1, scales: [0.5, 0.25], zeroPoints: [0, 1])),
          numbers: [2, 5, 4, 9])
      ]),
  ]
}

extension ck_element {
  /// - Precondition: the type is one of `i8`, `u8`, `i16` and `i32`.
  init(_ element: ElementType) {
    switch element {
    case .i8: self = ck_element_i8
    case .u8: self = ck_element_u8
    case .i16: self = ck_element_i16
    case .i32: self = ck_element_i32
    default: preconditionFailure("no kernel has such elements")
    }
  }
}
