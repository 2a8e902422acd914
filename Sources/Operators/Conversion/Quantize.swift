import CKernels
import GraphIR
import Support
import Tensors

/// The stored numbers nearest to real ones: `y = clamp(round(x / scale) + zeroPoint)`, halves away from zero.
///
/// The operand is `f32`, or integers of another scale; the result `i8`, `u8` or `i16`, of an integer operand also `i32`.
/// What comes from `f32` may have a scale for each index of an axis.
///
/// Where halves go to the even number, the operand is `f32`, and the result of any integers up to 16 bits.
public struct Quantize: Operator {
  public static let name = "quantize"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i16, .i32]
  /// `i8`, `u8`, `i16` or `i32`.
  public var element: ElementType
  /// Whether halves go to the even number, which is ONNX's way.
  public var roundsHalfToEven: Bool

  public init() { self.init(element: .i8) }

  /// - Parameters:
  ///   - element: of the result; scale and zero point are those of the declared one.
  ///   - roundsHalfToEven: of `f32` alone.
  public init(element: ElementType, roundsHalfToEven: Bool = false) {
    self.element = element
    self.roundsHalfToEven = roundsHalfToEven
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  /// Integers have a single scale, and their operand's is not 2³¹ or more times as large.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    guard !roundsHalfToEven else { return try checkHalfToEven(operands[0], results[0]) }
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

  private func checkHalfToEven(_ operand: TensorType, _ result: TensorType) throws {
    let narrow = ElementType.allCases.filter { $0.integerRange != nil && $0.bitWidth <= 16 }
    // Unsigned bytes are none that run as signed ones here.
    guard operand.element == .f32, narrow.contains(element) else {
      throw Diagnostic(.halfToEven(operand.element, element))
    }
    guard result.quantization != nil else {
      throw Diagnostic(.noScale, help: "declare the result with scale and zero point")
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element == .f32 else { return try requantizing(site) }
    let rounding: FloatingPointRoundingRule =
      roundsHalfToEven ? .toNearestOrEven : .toNearestOrAwayFromZero
    if roundsHalfToEven, let range = element.integerRange, element.bitWidth == 8 {
      return byteKernel(site, range)
    }
    switch site.results[0].element {
    case .i8: return kernel(site, of: Int8.self, rounding)
    case .u8: return kernel(site, of: UInt8.self, rounding)
    case .i16: return kernel(site, of: Int16.self, rounding)
    default: return plainKernel(site, rounding)
    }
  }

  /// Works on runs of elements with one scale; halves go to the even number.
  private func byteKernel(_ site: Site, _ range: ClosedRange<Int>) -> Kernel {
    let runs = ScaledRuns(site.results[0])
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Int8.self))
      runs.forEach(workers) { part, scale, zeroPoint in
        ck_quantize_half_even(
          x.pointer + part.lowerBound, Int64(part.count), scale, Int32(zeroPoint),
          Int32(range.lowerBound), Int32(range.upperBound), y.pointer + part.lowerBound)
      }
    }
  }

  /// As `byteKernel`, for other elements and the other rounding.
  private func kernel<Stored: FixedWidthInteger & Sendable>(
    _ site: Site, of type: Stored.Type, _ rounding: FloatingPointRoundingRule
  ) -> Kernel {
    let runs = ScaledRuns(site.results[0])
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Stored.self))
      runs.forEach(workers) { range, scale, zeroPoint in
        let lowest = Float(Int(Stored.min) - zeroPoint)
        let highest = Float(Int(Stored.max) - zeroPoint)
        for index in range {
          let steps = (x.pointer[index] / scale).rounded(rounding)
          let bounded = min(max(steps, lowest), highest)
          y.pointer[index] = steps.isNaN ? 0 : Stored(clamping: Int(bounded) + zeroPoint)
        }
      }
    }
  }

  /// For elements that share bytes, and for rare ones.
  private func plainKernel(_ site: Site, _ rounding: FloatingPointRoundingRule) -> Kernel {
    let (runs, element) = (ScaledRuns(site.results[0]), site.results[0].element)
    return Kernel { operands, results, _ in
      let x = operands[0].pointer(to: Float.self)
      let y = Shared(results[0])
      let input = Shared(x)
      runs.forEach(.one) { range, scale, zeroPoint in
        for index in range {
          let steps = (input.pointer[index] / scale).rounded(rounding)
          element.store(Double(steps) + Double(zeroPoint), in: y.pointer, at: index)
        }
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
    Example(
      Quantize(element: .u8, roundsHalfToEven: true),
      [Tensor(TensorType(.f32, [4]), numbers: [0.25, 0.75, 1.25, -5])],
      gives: [
        Tensor(TensorType(.u8, [4], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [1, 3, 3, 0])
      ]),
    Example(
      Quantize(element: .i4, roundsHalfToEven: true),
      [Tensor(TensorType(.f32, [3]), numbers: [0.25, 0.75, 100])],
      gives: [Tensor(TensorType(.i4, [3], Quantization(scale: 0.5)), numbers: [0, 2, 7])]),
  ]
}

/// The elements of a quantized tensor in runs that have one scale and zero point.
struct ScaledRuns: Sendable {
  private let quantization: Quantization
  private let length: Int
  private let count: Int

  /// - Precondition: the type is quantized.
  init(_ type: TensorType) {
    guard let quantization = type.quantization else {
      preconditionFailure("a tensor without scales has no runs of one scale")
    }
    self.quantization = quantization
    length = quantization.axis.map { type.shape.strides[$0] } ?? type.elementCount
    count = type.elementCount
  }

  /// Calls `body` with parts of runs, in parallel.
  func forEach(
    _ workers: Workers, _ body: @Sendable (Range<Int>, _ scale: Float, _ zeroPoint: Int) -> Void
  ) {
    workers.split(count, grain: 1 << 14) { part in
      var start = part.lowerBound
      while start < part.upperBound {
        let run = start / length
        let end = min(part.upperBound, (run + 1) * length)
        let channel = run % quantization.scales.count
        body(start..<end, quantization.scales[channel], quantization.zeroPoints[channel])
        start = end
      }
    }
  }
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

extension Diagnostic.Message {
  fileprivate static func halfToEven(_ operand: ElementType, _ result: ElementType) -> Self {
    Self(
      id: "unsupported-elements", .unsupported,
      "`quantize` with halves to even makes no `\(result.rawValue)` of `\(operand.rawValue)`")
  }

  fileprivate static var noScale: Self {
    Self(
      id: "needs-quantization", .malformed,
      "the result of `quantize` has no scale and zero point")
  }
}
