import CKernels
import GraphIR
import Support
import Tensors

/// `y[b, o] = clamp(Σ x[b, c] · weights[o, c] + bias[o])`.
///
/// Operands: `x`, whose elements are read as rows of `c`; weights `[o, c]`; and optionally bias `[o]`. Quantized
/// operands are `i8` with an `i32` bias, weights per tensor or per output channel; or `x` is `i16` without zero points, and the
/// bias `i64` or `i32`.
public struct FullyConnected: Operator {
  public static let name = "fully_connected"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i16]
  /// Whether the result has the axes of `x` but for the last, instead of a single one in front.
  public var keepsAxes: Bool
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(clamp: .none) }

  /// - Parameters:
  ///   - keepsAxes: TFLite's `keep_num_dims`.
  ///   - clamp: of the sum with the bias.
  public init(keepsAxes: Bool = false, clamp: Clamp = .none) {
    self.keepsAxes = keepsAxes
    self.clamp = clamp
  }

  /// `[rows, o]`, or the axes of `x` with `o` in place of the last.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 1, 2, Self.name)
    let (x, weights) = (operands[0].shape, operands[1].shape)
    guard x.elementCount % weights[1] == 0, !keepsAxes || x.extents.last == weights[1] else {
      throw Diagnostic(.depthMismatch(x, weights))
    }
    if operands.count == 3 { try ElementChecks.shape(operands, 2, [weights[0]], Self.name) }
    let leading = keepsAxes ? Array(x.extents.dropLast()) : [x.elementCount / weights[1]]
    return [TensorType(operands[0].element, Shape(leading + [weights[0]]))]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, ConvolutionElements.supported, Self.name)
    if operands[0].element != .f32 { _ = try requantization(operands, results[0]) }
  }

  /// How accumulators become elements of the result, for quantized operands.
  ///
  /// LiteRT 2.3 rescales fully connected layers in double precision; TFLite before it did so in fixed point,
  /// which differs by a step here and there.
  public func requantization(_ operands: [TensorType], _ result: TensorType) throws
    -> Requantization
  {
    let factors = try Requantization.factors(
      operands, result, channelAxis: 0, kind: Self.name)
    return Requantization(factors: .real(factors), to: result, clamp: clamp)
  }

  /// That of a convolution by 1×1, but for the factors of quantized operands.
  public func kernel(for site: Site) throws -> Kernel {
    let convolution = Conv2D(clamp: clamp)
    let asImages = Self.asConvolution(site)
    guard site.operands[0].element != .f32 else { return try convolution.kernel(for: asImages) }
    let requantization = try requantization(site.operands, site.results[0])
    guard site.operands[0].element != .i16 else {
      // Without a bias, the reference kernel has 32 bits.
      let bits = site.operands.dropFirst(2).first?.element.bitWidth ?? 32
      return try convolution.wideKernel(
        asImages, requantization: requantization, accumulatorBits: bits)
    }
    return try convolution.integerKernel(asImages, requantization: requantization)
      .withUnsignedWeights(asImages)
  }

  /// The same site seen as a 1×1 convolution over a column of pixels.
  private static func asConvolution(_ site: Site) -> Site {
    let weights = site.operands[1]
    let rows = site.operands[0].elementCount / weights.shape[1]
    let images = [
      site.operands[0].with(shape: [1, rows, 1, weights.shape[1]]),
      weights.with(shape: [weights.shape[0], 1, 1, weights.shape[1]]),
    ]
    return Site(
      operands: images + site.operands.dropFirst(2), constants: site.constants,
      results: [site.results[0].with(shape: [1, rows, 1, weights.shape[0]])])
  }

  /// `rows · o · c` multiply-accumulates.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(macs: Work.product(results[0].elementCount, operands[1].shape[1]))
  }

  public static let examples = [
    Example(
      FullyConnected(),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 2]), numbers: [10, 1]),
        Tensor(TensorType(.f32, [1]), numbers: [0.5]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 1]), numbers: [12.5, 34.5])]),
    Example(
      FullyConnected(clamp: .relu),
      [
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i8, [2, 2], Quantization(scale: 1)), numbers: [1, 2, -1, -2]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1)), numbers: [5, 0])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func depthMismatch(_ x: Shape, _ weights: Shape) -> Self {
    Self(
      id: "depth-mismatch", .malformed,
      "operand 0 of `fully_connected` has shape \(x), which rows of \(weights[1]) do not divide")
  }
}
