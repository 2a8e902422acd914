import CKernels
import GraphIR
import Support
import Tensors

/// `y = exp(beta · x) / Σ exp(beta · x)`, the sum over the last axis.
///
/// The operand is `f32`, `f64`, or `i8` or `i16` with one scale; the result of `i8` has scale 1/256 and zero point −128,
/// that of `i16` 1/32768 and 0. Or `i8` gives an `i16` result of scale 1/65536 and zero point −32768.
public struct Softmax: Operator {
  public static let name = "softmax"
  public static let elements: [ElementType] = [.f64, .f32, .i8, .u8, .i16]
  /// The inverse of the temperature; finite.
  public var beta: Float
  /// Whether the result of 8-bit elements has 16 bits.
  public var widensBytes: Bool
  /// The order of sums, and what stands for functions, of real numbers.
  public var arithmetic: RealArithmetic

  public init() { self.init(beta: 1) }

  /// - Parameters:
  ///   - beta: multiplies every element before the exponential.
  ///   - widensBytes: of 8-bit elements alone.
  ///   - arithmetic: of real numbers.
  public init(
    beta: Float = 1, widensBytes: Bool = false, arithmetic: RealArithmetic = .tflite
  ) {
    self.beta = beta
    self.widensBytes = widensBytes
    self.arithmetic = arithmetic
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    guard operands[0].shape.rank > 0 else { throw Diagnostic(.scalar) }
    return [TensorType(widensBytes ? .i16 : operands[0].element, operands[0].shape)]
  }

  /// The scale of an integer result is the only one that the integer arithmetic gives.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    let plain: [[ElementType]] = widensBytes ? [] : [[.f32], [.f64], [.i16]]
    try ElementChecks.elements(operands, [[.i8]] + plain, Self.name)
    guard beta.isFinite else { throw Diagnostic(.badBeta(beta)) }
    guard !operands[0].element.isFloat else { return }
    let expected = resultQuantization(operands[0])
    guard let output = results[0].signed.quantization, output == expected else {
      throw Diagnostic(
        .resultScale(results[0].quantization),
        help: "quantize the result of this softmax by \(expected)")
    }
    if operands[0].element == .i16 {
      _ = try wideFactor(operands[0])
    } else {
      _ = try scaling(operands[0])
    }
  }

  /// Of the result's signed form.
  private func resultQuantization(_ operand: TensorType) -> Quantization {
    if operand.element == .i16 { return Quantization(scale: 1 / 32768) }
    return widensBytes
      ? Quantization(scale: 1 / 65536, zeroPoint: -32768)
      : Quantization(scale: 1 / 256, zeroPoint: -128)
  }

  /// Works on rows in parallel; the largest element of a row is subtracted before the exponential.
  public func kernel(for site: Site) throws -> Kernel {
    let depth = RowKernel.extents(site.operands[0]).depth
    guard site.operands[0].element != .f32 else {
      let (beta, softmax) = (
        beta, arithmetic == .onnx ? ck_vector_softmax_f32 : ck_softmax_f32
      )
      return RowKernel.make(site) { (x: UnsafePointer<Float>, rows, y) in
        softmax(x, rows, Int32(depth), beta, y)
      }
    }
    guard site.operands[0].element != .f64 else {
      let beta = Double(beta)
      return RowKernel.make(site) {
        RealRows.softmax($0, rows: $1, depth: depth, beta: beta, into: $2)
      }
    }
    guard site.operands[0].element != .i16 else {
      let factor = try wideFactor(site.operands[0])
      return RowKernel.make(site) { (x: UnsafePointer<Int16>, rows, y) in
        ck_softmax_i16(x, rows, Int32(depth), factor.multiplier, factor.shift, y)
      }
    }
    let scaling = try scaling(site.operands[0])
    if widensBytes {
      return RowKernel.make(site) { (x: UnsafePointer<Int8>, rows, y) in
        ck_softmax_i8_i16(
          x, rows, Int32(depth), scaling.factor.multiplier, scaling.factor.shift,
          scaling.smallestDifference, y)
      }.unsigned(site)
    }
    return RowKernel.make(site) { (x: UnsafePointer<Int8>, rows, y) in
      ck_softmax_i8(
        x, rows, Int32(depth), scaling.factor.multiplier, scaling.factor.shift,
        scaling.smallestDifference, y)
    }.unsigned(site)
  }

  /// The fixed-point form of a quantized softmax's argument.
  public struct Scaling: Hashable, Sendable {
    /// Multiplies differences to the largest element of a row; at least 0.5.
    public let factor: FixedPoint
    /// Negative. Elements that lie further below the largest count as 0.
    public let smallestDifference: Int32

    /// The parts as they are, for those that were computed before.
    package init(factor: FixedPoint, smallestDifference: Int32) {
      self.factor = factor
      self.smallestDifference = smallestDifference
    }
  }

  /// The factor from steps of the operand to the fixed-point argument of the exponential, which has 5 integer
  /// bits, and the most negative difference that still fits into these.
  ///
  /// Source: `PreprocessSoftmaxScaling` and `CalculateInputRadius` of TFLite.
  ///
  /// - Throws: a `Diagnostic` if the operand has no single scale, or too small a one.
  public func scaling(_ operand: TensorType) throws -> Scaling {
    let input = try ElementChecks.perTensor(operand, "operand 0", Self.name)
    let factor = try FixedPoint(min(Double(beta) * Double(input.scale) * 0x1p26, 0x1p31 - 1))
    guard factor.shift >= 0 else { throw Diagnostic(.scaleTooSmall(input.scale)) }
    let largest = (0x1p5 - 1) * 0x1p26 / Double(Int64(1) << Int64(factor.shift))
    return Scaling(factor: factor, smallestDifference: -Int32(largest.rounded(.down)))
  }

  /// From steps of a 16-bit operand to those of its table of exponentials, which spans 10 in 65535 steps.
  ///
  /// Source: `SoftmaxPrepare` of TFLite.
  private func wideFactor(_ operand: TensorType) throws -> FixedPoint {
    let input = try ElementChecks.perTensor(operand, "operand 0", Self.name)
    return try FixedPoint(Double(input.scale * beta) / (10 / 65535))
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    // Largest, difference and exponential, sum, product with the reciprocal.
    Work(elementOperations: 4 * results[0].elementCount)
  }

  public static let examples = [
    Example(
      Softmax(),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [0.5, 0.5])]),
    Example(
      Softmax(),
      [Tensor(TensorType(.f64, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f64, [1, 2]), numbers: [0.5, 0.5])]),
    Example(
      Softmax(arithmetic: .onnx),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [3, 3])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [0.5, 0.5])]),
    Example(
      Softmax(),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 0.5)), numbers: [7, 7])],
      gives: [
        Tensor(
          TensorType(.i8, [1, 2], Quantization(scale: 1 / 256, zeroPoint: -128)), numbers: [0, 0])
      ]),
    Example(
      Softmax(),
      [Tensor(TensorType(.i16, [1, 2], Quantization(scale: 0.5)), numbers: [700, 700])],
      gives: [
        Tensor(
          TensorType(.i16, [1, 2], Quantization(scale: 1 / 32768)), numbers: [16384, 16384])
      ]),
    Example(
      Softmax(beta: 1, widensBytes: true),
      [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 0.5)), numbers: [7, 7])],
      gives: [
        Tensor(
          TensorType(.i16, [1, 2], Quantization(scale: 1 / 65536, zeroPoint: -32768)),
          numbers: [0, 0])
      ]),
    // The TFLite reference aborts from 512 equal logits on; 1/512 is half a step, less than the next integer.
    Example(
      Softmax(),
      [
        Tensor(
          TensorType(.i8, [1, 600], Quantization(scale: 0.5)),
          numbers: Array(repeating: 9, count: 600))
      ],
      gives: [
        Tensor(
          TensorType(.i8, [1, 600], Quantization(scale: 1 / 256, zeroPoint: -128)),
          numbers: Array(repeating: -128, count: 600))
      ]),
  ]
}

extension Diagnostic.Message {
  fileprivate static var scalar: Self {
    Self(id: "softmax-of-scalar", .malformed, "`softmax` has a scalar as operand 0")
  }

  fileprivate static func badBeta(_ beta: Float) -> Self {
    Self(id: "bad-softmax-beta", .malformed, "beta of `softmax` is \(beta)")
  }

  fileprivate static func resultScale(_ found: Quantization?) -> Self {
    Self(
      id: "softmax-result-scale", .unsupported,
      "the result of `softmax` is quantized by \(found.map(String.init(describing:)) ?? "nothing")")
  }

  fileprivate static func scaleTooSmall(_ scale: Float) -> Self {
    Self(
      id: "softmax-scale-too-small", .unsupported,
      "operand 0 of `softmax` has the scale \(scale), too small for its fixed-point arithmetic")
  }
}
