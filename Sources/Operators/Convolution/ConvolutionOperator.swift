import GraphIR
import Support
import Tensors

/// A convolution of an image NHWC with weights and optionally a bias: what its kinds share.
///
/// Quantized images are `i8` with one scale; weights `i8`, per tensor or per output channel; bias `i32`.
public protocol ConvolutionOperator: Operator {
  /// Height and width by which the window moves.
  var stride: [Int] { get }
  /// Height and width by which the window's elements lie apart.
  var dilation: [Int] { get }
  /// How the borders of the image are padded, with what stands for zero.
  var padding: Padding { get }
  /// What a fused activation does.
  var clamp: Clamp { get }

  /// The axis of the weights along which output channels lie.
  static var channelAxis: Int { get }

  /// The kernel for `i8` elements.
  func integerKernel(_ site: ConvolutionSite, _ requantization: Requantization) -> Kernel

  /// The kernel for `f32` elements.
  func floatKernel(_ site: ConvolutionSite) -> Kernel
}

extension ConvolutionOperator {
  public static var elements: [ElementType] { [.f32, .i8, .u8] }

  /// Refuses mixed element types, and scales from which no factors follow.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32, .f32], [.i8, .i8, .i32]], Self.name)
    if operands[0].element != .f32 { _ = try requantization(operands, results[0]) }
  }

  /// The window that slides over the image.
  ///
  /// - Precondition: image and weights have rank 4, as `resultTypes` checks.
  /// - Throws: a `Diagnostic` if an attribute is not positive or no window fits.
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
      operands, result, channelAxis: Self.channelAxis, kind: Self.name)
    return Requantization(
      factors: .fixedPoint(try factors.map { try FixedPoint($0) }), to: result, clamp: clamp)
  }

  /// Works on rows of the result in parallel; unsigned images are flipped on their way.
  public func kernel(for site: Site) throws -> Kernel {
    guard site.operands[0].element != .f32 else { return floatKernel(try shared(site)) }
    let requantization = try requantization(site.operands, site.results[0])
    return integerKernel(try shared(site), requantization).withUnsignedWeights(site)
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
