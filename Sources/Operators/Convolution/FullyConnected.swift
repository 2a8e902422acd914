import CKernels
import GraphIR
import Support
import Tensors

/// `y[b, o] = clamp(Σ x[b, c] · weights[o, c] + bias[o])`.
///
/// Operands: `x`, whose elements are read as rows of `c`; weights `[o, c]`; and optionally bias `[o]`. Quantized
/// operands are `i8` with an `i32` bias, weights per tensor or per output channel; or `x` is `i16` without zero points, and the
/// bias `i64` or `i32`. An `x` of `f32` may meet weights of `i8`: each row is then quantized for the products.
public struct FullyConnected: Operator {
  public static let name = "fully_connected"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i16]
  public static let weightElements = ConvolutionElements.weights(in: ConvolutionElements.supported)
  /// Whether the result has the axes of `x` but for the last, instead of a single one in front.
  public var keepsAxes: Bool
  /// What a fused activation does.
  public var clamp: Clamp
  /// Whether rows of real numbers are quantized from their smallest element to their largest (TFLite:
  /// `asymmetric_quantize_inputs`).
  public var quantizesAsymmetrically: Bool
  /// The arithmetic by which quantized results are rescaled.
  public var rescaling: Rescaling
  /// Whether real products are added to their sum without being rounded before.
  public var fusesProducts: Bool

  public init() { self.init(clamp: .none) }

  /// - Parameters:
  ///   - keepsAxes: TFLite's `keep_num_dims`.
  ///   - clamp: of the sum with the bias.
  ///   - quantizesAsymmetrically: where only the weights are quantized.
  ///   - rescaling: of quantized results.
  ///   - fusesProducts: as of `Conv2D`.
  public init(
    keepsAxes: Bool = false, clamp: Clamp = .none, quantizesAsymmetrically: Bool = false,
    rescaling: Rescaling = .tflite, fusesProducts: Bool = false
  ) {
    self.keepsAxes = keepsAxes
    self.clamp = clamp
    self.quantizesAsymmetrically = quantizesAsymmetrically
    self.rescaling = rescaling
    self.fusesProducts = fusesProducts
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
    try ElementChecks.elements(
      rescaling.forms(of: operands), ConvolutionElements.supported, Self.name)
    guard operands[0].element == .f32 else { return _ = try requantization(operands, results[0]) }
    if operands[1].element != .f32 { _ = try hybridWeights(operands[1]) }
  }

  private func hybridWeights(_ weights: TensorType) throws -> HybridWeights {
    try HybridWeights(
      weights.signed, channels: weights.shape[0], axis: 0, clamp, Self.name)
  }

  /// How accumulators become elements of the result, for quantized operands.
  ///
  /// LiteRT 2.3 rescales fully connected layers in double precision; TFLite before it did so in fixed point,
  /// which differs by a step here and there.
  public func requantization(_ operands: [TensorType], _ result: TensorType) throws
    -> Requantization
  {
    let factors = try Requantization.factors(
      operands, result, channelAxis: 0, rescaling, kind: Self.name
    ) { .real($0) }
    return Requantization(factors: factors, to: result, clamp: clamp)
  }

  /// That of a convolution by 1×1, but for the factors of quantized operands.
  public func kernel(for site: Site) throws -> Kernel {
    let convolution = Conv2D(clamp: clamp, fusesProducts: fusesProducts)
    let asImages = Self.asConvolution(site)
    guard site.operands[0].element != .f32 else {
      guard site.operands[1].element != .f32 else {
        return convolution.floatKernel(try convolution.shared(asImages), .ofConstants)
      }
      return try hybridKernel(site)
    }
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

  /// Each row is an image of its own, with a scale of its own.
  private func hybridKernel(_ site: Site) throws -> Kernel {
    let images = Self.asConvolution(site, hasImagePerRow: true)
    let convolution = Conv2D(clamp: clamp)
    return convolution.hybridKernel(
      try convolution.shared(images.signed), try hybridWeights(site.operands[1]),
      isAsymmetric: quantizesAsymmetrically
    ).unsigned(images)
  }

  /// The same site seen as a 1×1 convolution over a column of pixels, or over images of one pixel.
  private static func asConvolution(_ site: Site, hasImagePerRow: Bool = false) -> Site {
    let weights = site.operands[1]
    let rows = site.operands[0].elementCount / weights.shape[1]
    let (batches, height) = hasImagePerRow ? (rows, 1) : (1, rows)
    let images = [
      site.operands[0].with(shape: [batches, height, 1, weights.shape[1]]),
      weights.with(shape: [weights.shape[0], 1, 1, weights.shape[1]]),
    ]
    return Site(
      operands: images + site.operands.dropFirst(2), constants: site.constants,
      results: [site.results[0].with(shape: [batches, height, 1, weights.shape[0]])])
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
    // As of `Conv2D`.
    Example(
      FullyConnected(fusesProducts: true),
      [
        Tensor(TensorType(.f32, [1, 2]), numbers: [1, 1 + 0x1p-12]),
        Tensor(TensorType(.f32, [1, 2]), numbers: [-1 - 0x1p-11, 1 + 0x1p-12]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1]), numbers: [0x1p-24])]),
    Example(
      FullyConnected(clamp: .relu),
      [
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i8, [2, 2], Quantization(scale: 1)), numbers: [1, 2, -1, -2]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1)), numbers: [5, 0])]),
    Example(
      FullyConnected(),
      [
        Tensor(TensorType(.i16, [1, 2], Quantization(scale: 1)), numbers: [300, -400]),
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1)), numbers: [2, 1]),
        Tensor(TensorType(.i64, [1], Quantization(scale: 1)), numbers: [7]),
      ],
      gives: [Tensor(TensorType(.i16, [1, 1], Quantization(scale: 0.5)), numbers: [414])]),
    Example(
      FullyConnected(rescaling: .onnx),
      [
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 1, zeroPoint: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i8, [2, 2], Quantization(scale: 1)), numbers: [1, 2, 1, 3]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 2], Quantization(scale: 2)), numbers: [2, 4])]),
    // In steps of 2/127, 2 is 127.
    Example(
      FullyConnected(),
      [
        Tensor(TensorType(.f32, [1, 2]), numbers: [2, -2]),
        Tensor(TensorType(.i8, [1, 2], Quantization(scale: 0.5)), numbers: [2, 4]),
        Tensor(TensorType(.f32, [1]), numbers: [10]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1]), numbers: [8])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func depthMismatch(_ x: Shape, _ weights: Shape) -> Self {
    Self(
      id: "depth-mismatch", .malformed,
      "operand 0 of `fully_connected` has shape \(x), which rows of \(weights[1]) do not divide")
  }
}
