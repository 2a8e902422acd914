import CKernels
import GraphIR
import Support
import Tensors

/// The transpose of a convolution, each pixel of the image spread over a window of the result:
/// `y[b, h·stride + i − pad, …, o] += x[b, h, w, c] · weights[o, i, j, c]`, then `clamp(y + bias[o])`.
///
/// Operands: image NHWC, weights `[o, kernel height, kernel width, c]`, and optionally bias `[o]`; element types as for
/// `Conv2D`, quantized weights without zero points unless they are `u8`.
///
/// Weights of fewer input channels than an `f32` image has are those of groups, as of `Conv2D`.
///
/// TFLite: `TRANSPOSE_CONV`.
public struct TransposeConv2D: ConvolutionOperator {
  /// Output channels come first in the weights.
  public static let channelAxis = 0
  public static let name = "transpose_conv2d"
  /// Height and width of the result.
  public var size: [Int]
  /// Height and width by which windows in the result lie apart.
  public var stride: [Int]
  /// How the ordinary convolution, from result to image, pads its borders.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp
  /// Whether real products are added to their sum without being rounded before.
  public var fusesProducts: Bool

  public init() { self.init(size: [1, 1]) }

  /// - Parameters:
  ///   - size: height and width of the result, from which the convolution gives the image's.
  ///   - stride: height and width, from 1 to 64.
  ///   - clamp: of the sum with the bias.
  ///   - fusesProducts: as of `Conv2D`.
  public init(
    size: [Int], stride: [Int] = [1, 1], padding: Padding = .valid, clamp: Clamp = .none,
    fusesProducts: Bool = false
  ) {
    self.size = size
    self.stride = stride
    self.padding = padding
    self.clamp = clamp
    self.fusesProducts = fusesProducts
  }

  /// None: elements of the window are neighbours.
  public var dilation: [Int] { [1, 1] }

  /// `[b, height, width, o]`; scales are up to the declared result.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    try ElementChecks.rank(operands, 1, 4, Self.name)
    let (image, weights) = (operands[0].shape, operands[1].shape)
    try ElementChecks.shape(
      operands, 1, [weights[0], weights[1], weights[2], ownChannels(operands)], Self.name)
    if operands.count == 3 { try ElementChecks.shape(operands, 2, [weights[0]], Self.name) }
    let window = try window(operands)
    guard window.output == Spatial(height: image[1], width: image[2]) else {
      throw Diagnostic(
        .sizeMismatch(size, image), help: "the convolution of the result has the image's extents")
    }
    return [TensorType(operands[0].element, Shape([image[0]] + size + [weights[0]]))]
  }

  /// The channels of a group, if the weights' are those of one; else all of the image.
  private func ownChannels(_ operands: [TensorType]) -> Int {
    let (image, weights) = (operands[0].shape, operands[1].shape)
    guard operands.allSatisfy({ $0.element == .f32 }), image[3] % weights[3] == 0,
      weights[0] % (image[3] / weights[3]) == 0
    else { return image[3] }
    return weights[3]
  }

  /// The window of the ordinary convolution, which slides over the result.
  public func window(_ operands: [TensorType]) throws -> Window {
    // Weights are arranged anew for each remainder of a position by the strides.
    guard size.count == 2, size.allSatisfy({ (1...1 << 30).contains($0) }),
      stride.allSatisfy({ $0 <= 64 })
    else { throw Diagnostic(.badSize(size, stride)) }
    return try Window(
      over: size, kernel: Array(operands[1].shape.extents[1...2]), stride: stride,
      padding: padding, kind: Self.name)
  }

  /// `elements of the image · kernel height · kernel width · o / groups`, those that fall outside of the result included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let channels = operands[0].shape[3]
    return Work(
      macs: Work.product(
        operands[0].elementCount / channels, operands[1].elementCount))
  }

  /// As of `Conv2D`.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(
      kernel: Array(operands[1].shape.extents[1...2]), stride: stride,
      groups: operands[0].shape[3] / operands[1].shape[3])
  }

  public static let examples = [
    Example(
      TransposeConv2D(size: [1, 4], stride: [1, 2]),
      [
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, 2]),
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [10, 1]),
        Tensor(TensorType(.f32, [1]), numbers: [0.5]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 4, 1]), numbers: [10.5, 1.5, 20.5, 2.5])]),
    // As of `Conv2D`.
    Example(
      TransposeConv2D(size: [1, 1], fusesProducts: true),
      [
        Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [1, 1 + 0x1p-12]),
        Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [-1 - 0x1p-11, 1 + 0x1p-12]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [0x1p-24])]),
    // Where windows overlap, products add up: 1·2, 1·3 + 2·2, 2·3.
    Example(
      TransposeConv2D(size: [1, 3]),
      [
        Tensor(
          TensorType(.i8, [1, 1, 2, 1], Quantization(scale: 1, zeroPoint: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i8, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [2, 3]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 1, 3, 1], Quantization(scale: 1)), numbers: [2, 7, 6])]),
    Example(
      TransposeConv2D(size: [1, 3]),
      [
        Tensor(TensorType(.i16, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [1, 2]),
        Tensor(TensorType(.i8, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [2, 3]),
        Tensor(TensorType(.i64, [1], Quantization(scale: 1)), numbers: [100]),
      ],
      gives: [
        Tensor(TensorType(.i16, [1, 1, 3, 1], Quantization(scale: 1)), numbers: [102, 107, 106])
      ]),
    // Two groups of one channel each.
    Example(
      TransposeConv2D(size: [1, 2]),
      [
        Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [3, 4]),
        Tensor(TensorType(.f32, [2, 1, 2, 1]), numbers: [10, 1, 100, -1]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [30, 400, 3, -4])]),
  ]
}

extension TransposeConv2D {
  /// Unsigned images run on the signed form, groups one after the other.
  public func kernel(for site: Site) throws -> Kernel {
    let groups = site.operands[0].shape[3] / site.operands[1].shape[3]
    guard groups == 1 else {
      return try GroupedKernel(site, groups: groups, dense: denseKernel).kernel
    }
    guard site.operands[0].element == .u8 else { return try denseKernel(for: site) }
    let requantization = try requantization(site.operands, site.results[0])
    return integerKernel(try shared(site.signed), requantization).unsigned(site)
  }

  /// Those of a convolution but for real images with quantized weights.
  public static var operandElements: [[ElementType]] {
    ConvolutionElements.supported.filter { $0[0] != .f32 || $0[1] == .f32 }
  }

  /// Never called: `check` refuses such operands.
  public func hybridKernel(_ site: ConvolutionSite, _ weights: HybridWeights) -> Kernel {
    preconditionFailure("a transposed convolution has no hybrid form")
  }

  /// As that of `Conv2D`, with weights for each remainder of a position by the strides.
  public func integerKernel(_ shared: ConvolutionSite, _ requantization: Requantization) -> Kernel {
    let (shape, window) = (shared.weights, shared.window.kernelForm)
    return shared.kernel(
      pack: { weights in
        ck_pack_transpose_conv2d_i8(
          weights, shared.weightZeroPoint, shape.batches, shape.height, shape.width,
          shape.channels, window.stride_height, window.stride_width)
      }, free: { ck_free_packed_transpose_weights($0) },
      { (part: ConvolutionSite.Part<Int8>, bias: UnsafePointer<Int32>?) in
        requantization.withKernelForm(bias: bias) { form in
          ck_transpose_conv2d_i8(
            part.input, shared.input, shared.inputZeroPoint, part.weights, window.pad_top,
            window.pad_left, &form, part.output, shared.output, part.begin, part.end)
        }
      })
  }

  /// As `integerKernel`, with sums of 64 bits.
  public func wideKernel(
    _ shared: ConvolutionSite, _ requantization: Requantization, accumulatorBits: Int
  ) -> Kernel {
    let (shape, window) = (shared.weights, shared.window.kernelForm)
    return shared.kernel(
      pack: { weights in
        ck_pack_transpose_conv2d_i16x8(
          weights, shape.batches, shape.height, shape.width, shape.channels, window.stride_height,
          window.stride_width)
      }, free: { ck_free_packed_transpose_weights($0) },
      { (part: ConvolutionSite.Part<Int16>, bias: UnsafePointer<Int64>?) in
        requantization.withWideForm(bias: bias, accumulatorBits: accumulatorBits) { form in
          ck_transpose_conv2d_i16x8(
            part.input, shared.input, part.weights, window.pad_top, window.pad_left, &form,
            part.output, shared.output, part.begin, part.end)
        }
      })
  }

  /// Sums in single precision, in the order image row, image column, input channel.
  public func floatKernel(_ shared: ConvolutionSite) -> Kernel {
    let (shape, window) = (shared.weights, shared.window.kernelForm)
    let (range, products) = (shared.clamp.floatRange, ck_products(areFused: fusesProducts))
    return shared.kernel(
      pack: { weights in
        ck_pack_transpose_conv2d_f32(
          weights, shape.batches, shape.height, shape.width, shape.channels, window.stride_height,
          window.stride_width)
      }, free: { ck_free_packed_transpose_weights($0) },
      { (part: ConvolutionSite.Part<Float>, bias: UnsafePointer<Float>?) in
        ck_transpose_conv2d_f32(
          part.input, shared.input, part.weights, window.pad_top, window.pad_left, bias,
          range.lower, range.upper, part.output, shared.output, part.begin, part.end, products)
      })
  }
}

extension Diagnostic.Message {
  fileprivate static func sizeMismatch(_ size: [Int], _ image: Shape) -> Self {
    Self(
      id: "transposed-size", .malformed,
      "`transpose_conv2d` to \(size) does not belong to an image of shape \(image)")
  }

  fileprivate static func badSize(_ size: [Int], _ stride: [Int]) -> Self {
    Self(
      id: "bad-transposed-size", .unsupported,
      "`transpose_conv2d` to \(size) by strides of \(stride) is not supported")
  }
}
