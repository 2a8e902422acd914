import GraphIR
import Support
import Tensors

/// A convolution of an image NHWC with weights and optionally a bias: what its kinds share.
///
/// Quantized images are `i8` with one scale; weights `i8`, per tensor or per output channel; bias `i32`. Or images are `i16`
/// without zero points, and the bias is `i64` or `i32`. Or image and bias are `f32`, and only weights quantized.
public protocol ConvolutionOperator: Operator {
  /// Height and width by which the window moves.
  var stride: [Int] { get }
  /// Height and width by which the window's elements lie apart.
  var dilation: [Int] { get }
  /// How the borders of the image are padded, with what stands for zero.
  var padding: Padding { get }
  /// What a fused activation does.
  var clamp: Clamp { get }
  /// The arithmetic by which quantized results are rescaled.
  var rescaling: Rescaling { get }

  /// The window that slides over the image.
  ///
  /// - Precondition: image and weights have rank 4, as `resultTypes` checks.
  /// - Throws: a `Diagnostic` if an attribute is not positive or no window fits.
  func window(_ operands: [TensorType]) throws -> Window

  /// The axis of the weights along which output channels lie.
  static var channelAxis: Int { get }

  /// The kernel for `i8` elements.
  func integerKernel(_ site: ConvolutionSite, _ requantization: Requantization) -> Kernel

  /// The kernel for `i16` images, with a bias of `i64`.
  ///
  /// - Parameter accumulatorBits: 32 to reduce sums modulo 2³², 64 to keep them.
  func wideKernel(
    _ site: ConvolutionSite, _ requantization: Requantization, accumulatorBits: Int
  ) -> Kernel

  /// The kernel for `f32` images and `i8` weights.
  func hybridKernel(_ site: ConvolutionSite, _ weights: HybridWeights) -> Kernel

  /// The element types of image, weights and bias for which there are kernels.
  static var operandElements: [[ElementType]] { get }

  /// How many bits of a sum the reference kernel keeps for `i16` images; `bias` is nil if there is none.
  static func accumulatorBits(bias: ElementType?) -> Int

  /// The kernel for `f32` elements.
  func floatKernel(_ site: ConvolutionSite) -> Kernel
}

extension ConvolutionOperator {
  public static var elements: [ElementType] { [.f32, .i8, .u8, .i16] }

  /// TFLite's: for operators without another.
  public var rescaling: Rescaling { .tflite }

  /// As many as the bias has.
  public static func accumulatorBits(bias: ElementType?) -> Int { bias?.bitWidth ?? 64 }

  public static var operandElements: [[ElementType]] { ConvolutionElements.supported }

  public static var weightElements: [ElementType: [ElementType]] {
    ConvolutionElements.weights(in: operandElements)
  }

  /// Refuses mixed element types, and scales from which no factors follow.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(rescaling.forms(of: operands), Self.operandElements, Self.name)
    guard operands[0].element == .f32 else { return _ = try requantization(operands, results[0]) }
    if operands[1].element != .f32 { _ = try hybridWeights(operands) }
  }

  private func hybridWeights(_ operands: [TensorType]) throws -> HybridWeights {
    try HybridWeights(
      operands[1].signed, channels: operands[1].shape[Self.channelAxis], axis: Self.channelAxis,
      clamp, Self.name)
  }

  /// The window over the image, of the size that the weights have.
  public func window(_ operands: [TensorType]) throws -> Window {
    try Window(
      over: Array(operands[0].shape.extents[1...2]),
      kernel: Array(operands[1].shape.extents[1...2]), stride: stride, dilation: dilation,
      padding: padding, kind: Self.name)
  }

  /// How accumulators become elements of the result, for quantized operands.
  ///
  /// - Throws: a `Diagnostic` if a scale is missing, or the weights have zero points that differ.
  public func requantization(_ operands: [TensorType], _ result: TensorType) throws
    -> Requantization
  {
    let factors = try Requantization.factors(
      operands, result, channelAxis: Self.channelAxis, rescaling, kind: Self.name
    ) { .fixedPoint(try $0.map { try FixedPoint($0) }) }
    return Requantization(factors: factors, to: result, clamp: clamp)
  }

  public func kernel(for site: Site) throws -> Kernel { try denseKernel(for: site) }

  /// Works on rows of the result in parallel; unsigned images are flipped on their way.
  func denseKernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element != .f32 else { return try realKernel(site) }
    let requantization = try requantization(site.operands, site.results[0])
    guard site.operands[0].element != .i16 else {
      let bits = Self.accumulatorBits(bias: site.operands.dropFirst(2).first?.element)
      return wideKernel(try shared(site), requantization, accumulatorBits: bits).wideningBias(site)
    }
    return integerKernel(try shared(site), requantization).withUnsignedWeights(site)
  }

  private func realKernel(_ site: Site) throws -> Kernel {
    guard site.operands[1].element != .f32 else { return floatKernel(try shared(site)) }
    return hybridKernel(try shared(site.signed), try hybridWeights(site.operands)).unsigned(site)
  }

  func shared(_ site: Site) throws -> ConvolutionSite {
    ConvolutionSite(
      site, window: try window(site.operands), clamp: clamp,
      macs: work(site.operands, site.results).macs)
  }

  /// The shape of the result, once those of operands are known to fit.
  func resultType(_ operands: [TensorType]) throws -> TensorType {
    let channels = operands[1].shape[Self.channelAxis]
    if operands.count == 3 { try ElementChecks.shape(operands, 2, [channels], Self.name) }
    let window = try window(operands)
    return TensorType(
      operands[0].element,
      [operands[0].shape[0], window.output.height, window.output.width, channels])
  }
}

/// The element types of image, weights and bias for which there are kernels.
enum ConvolutionElements {
  static let supported: [[ElementType]] = [
    [.f32, .f32, .f32], [.i8, .i8, .i32], [.i16, .i8, .i64], [.i16, .i8, .i32],
    [.f32, .i8, .f32],
  ]

  /// What goes with an image of other elements than the weights.
  static func weights(in forms: [[ElementType]]) -> [ElementType: [ElementType]] {
    let pairs = Dictionary(grouping: Set(forms.map { Array($0.prefix(2)) })) { $0[0] }
    return pairs.mapValues { forms in
      ElementType.allCases.filter { weights in forms.contains { $0[1] == weights } }
    }
  }
}
