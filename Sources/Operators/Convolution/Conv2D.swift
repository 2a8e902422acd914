import CKernels
import GraphIR
import Support
import Tensors

/// `y[b, h, w, o] = clamp(Σ x[b, h·stride + i·dilation, …, c] · weights[o, i, j, c] + bias[o])`.
///
/// Operands: image NHWC, weights `[o, kernel height, kernel width, c]`, and optionally bias `[o]`. Quantized
/// images are `i8` with one scale; weights `i8`, per tensor or per output channel; bias `i32`. Images of `i16` have no zero
/// points, and a bias of `i64` or `i32`. Images of `f32` may meet weights of `i8`: they are then quantized for each product.
///
/// Weights of fewer input channels than the image has are those of groups: as many neighbouring input channels, and
/// the same share of the output channels.
///
/// Borders are padded with the stored zero point, which stands for 0.
public struct Conv2D: ConvolutionOperator {
  /// Output channels come first in the weights.
  public static let channelAxis = 0
  public static let name = "conv2d"
  /// Height and width.
  public var stride: [Int]
  /// Height and width by which the kernel's elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// How the borders of the image are padded.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp
  /// The arithmetic by which quantized results are rescaled.
  public var rescaling: Rescaling
  /// Whether real products are added to their sum without being rounded before.
  public var fusesProducts: Bool
  /// Whether real products are added channel by channel, each with its whole window, as ONNX Runtime does for images of one axis
  /// and where channels fill no vectors. Products of a single window or filter are rounded then.
  public var sumsByChannel: Bool

  public init() { self.init(stride: [1, 1]) }

  /// - Parameters:
  ///   - stride, dilation: height and width, both positive; `resultTypes` refuses others.
  ///   - clamp: of the sum with the bias.
  ///   - rescaling: of quantized results.
  ///   - fusesProducts: of real numbers, which is faster, and not what TFLite's reference kernels do.
  ///   - sumsByChannel: of real numbers, too.
  public init(
    stride: [Int] = [1, 1], dilation: [Int] = [1, 1], padding: Padding = .valid,
    clamp: Clamp = .none, rescaling: Rescaling = .tflite, fusesProducts: Bool = false,
    sumsByChannel: Bool = false
  ) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.clamp = clamp
    self.rescaling = rescaling
    self.fusesProducts = fusesProducts
    self.sumsByChannel = sumsByChannel
  }

  /// `[b, h, w, o]` with height and width from the window; scales are up to the declared result.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    try ElementChecks.rank(operands, 1, 4, Self.name)
    let (image, weights) = (operands[0].shape, operands[1].shape)
    let channels = image[3] % weights[3] == 0 ? weights[3] : image[3]
    try ElementChecks.shape(
      operands, 1, [weights[0], weights[1], weights[2], channels], Self.name)
    guard weights[0] % (image[3] / channels) == 0 else {
      throw Diagnostic(.groups(image, weights))
    }
    return [try resultType(operands)]
  }

  /// Of groups, that of each after the other in single precision; of integers that of a convolution whose weights are 0
  /// where the image's channels are of another group.
  public func kernel(for site: Site) throws -> Kernel {
    let channels = site.operands[0].shape[3]
    guard site.operands[1].shape[3] != channels else { return try denseKernel(for: site) }
    guard site.operands.contains(where: { $0.element != .f32 }) else {
      let groups = channels / site.operands[1].shape[3]
      return try GroupedKernel(site, groups: groups) { part in
        let shared = try shared(part)
        return sumsByChannel
          ? PatchConvolution(shared).kernel
          : floatKernel(shared, .of(convolutionBy: shared.weights, isGroup: true))
      }.kernel
    }
    let groups = ChannelGroups(site.operands[1], channels: channels)
    return try denseKernel(for: groups.expanded(site)).converting(1, of: site, groups.expanded)
  }

  /// `elements of the result · kernel height · kernel width · c`, those over padding included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(
      macs: Work.product(
        results[0].elementCount, operands[1].elementCount / operands[1].shape[0]))
  }

  /// The kernel as the weights have it, without what dilation adds.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(
      kernel: Array(operands[1].shape.extents[1...2]), stride: stride, dilation: dilation,
      groups: operands[0].shape[3] / operands[1].shape[3])
  }

  public static let examples = [
    Example(
      Conv2D(padding: .same, clamp: .relu),
      [
        Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 3, 3, 1]), numbers: [0, 0, 0, 0, 1, 0, 0, 0, 1]),
        Tensor(TensorType(.f32, [1]), numbers: [-3]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [2, 0, 0, 1])]),
    // Real values: (3 − 1)·0.5 · 2·0.5 + (5 − 1)·0.5 · 4·0.5 = 5, stored as 5 / 0.5 − 2.
    Example(
      Conv2D(),
      [
        Tensor(
          TensorType(.i8, [1, 1, 1, 2], Quantization(scale: 0.5, zeroPoint: 1)), numbers: [3, 5]),
        Tensor(
          TensorType(.i8, [1, 1, 1, 2], Quantization(axis: 0, scales: [0.5], zeroPoints: [0])),
          numbers: [2, 4]),
      ],
      gives: [
        Tensor(
          TensorType(.i8, [1, 1, 1, 1], Quantization(scale: 0.5, zeroPoint: -2)), numbers: [8])
      ]),
    Example(
      Conv2D(),
      [
        Tensor(TensorType(.i16, [1, 1, 1, 2], Quantization(scale: 0.5)), numbers: [300, -400]),
        Tensor(TensorType(.i8, [1, 1, 1, 2], Quantization(scale: 1)), numbers: [2, 1]),
        Tensor(TensorType(.i64, [1], Quantization(scale: 0.5)), numbers: [7]),
      ],
      gives: [Tensor(TensorType(.i16, [1, 1, 1, 1], Quantization(scale: 0.25)), numbers: [414])]),
    // 5 · 0.5 is 2.5, whose half goes to the even number.
    Example(
      Conv2D(rescaling: .onnx),
      [
        Tensor(TensorType(.u8, [1, 1, 1, 1], Quantization(scale: 1, zeroPoint: 3)), numbers: [8]),
        Tensor(TensorType(.i8, [1, 1, 1, 1], Quantization(scale: 1)), numbers: [1]),
      ],
      gives: [
        Tensor(TensorType(.u8, [1, 1, 1, 1], Quantization(scale: 2, zeroPoint: 7)), numbers: [9])
      ]),
    // (1 + 2⁻¹²)² − 1 − 2⁻¹¹ is 2⁻²⁴, which is lost if the square is rounded.
    Example(
      Conv2D(fusesProducts: true),
      [
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, 1 + 0x1p-12]),
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [-1 - 0x1p-11, 1 + 0x1p-12]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [0x1p-24])]),
    // 1·1 + 2·3 + 10·2 + 20·4, and 2·1 + 3·3 + 20·2 + 30·4.
    Example(
      Conv2D(fusesProducts: true, sumsByChannel: true),
      [
        Tensor(TensorType(.f32, [1, 1, 3, 2]), numbers: [1, 10, 2, 20, 3, 30]),
        Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [1, 2, 3, 4]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [107, 171])]),
    // Two groups of one channel each.
    Example(
      Conv2D(),
      [
        Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [3, 4]),
        Tensor(TensorType(.f32, [2, 1, 1, 1]), numbers: [10, 100]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [30, 400])]),
  ]
}

extension Conv2D {
  /// The kernel for a site whose accumulators are requantized in another way than a convolution's own.
  func integerKernel(_ site: Site, requantization: Requantization) throws -> Kernel {
    integerKernel(try shared(site), requantization)
  }

  /// As `integerKernel`, for `i16` images.
  func wideKernel(
    _ site: Site, requantization: Requantization, accumulatorBits: Int
  ) throws -> Kernel {
    wideKernel(try shared(site), requantization, accumulatorBits: accumulatorBits)
      .wideningBias(site)
  }

  /// Constant weights are packed once; accumulators are rescaled as soon as they are complete.
  public func integerKernel(_ shared: ConvolutionSite, _ requantization: Requantization) -> Kernel {
    let shape = shared.weights
    return shared.kernel(
      pack: { weights in
        ck_pack_conv2d_i8(
          weights, shared.weightZeroPoint, shape.batches, shape.height, shape.width, shape.channels)
      },
      { (part: ConvolutionSite.Part<Int8>, bias: UnsafePointer<Int32>?) in
        requantization.withKernelForm(bias: bias) { form in
          form.is_unsigned = shared.isUnsigned ? 1 : 0
          ck_conv2d_i8(
            part.input, shared.input, shared.inputZeroPoint, part.weights,
            shared.window.kernelForm, &form, part.output, shared.output, part.begin, part.end)
        }
      })
  }

  /// Products summed over the window, image by image.
  public func hybridKernel(_ shared: ConvolutionSite, _ weights: HybridWeights) -> Kernel {
    // The reference kernel for one scale is an older one, which takes images symmetrically.
    weights.hasOneScale
      ? hybridKernel(shared, weights, isAsymmetric: false)
      : hybridKernel(shared, weights.channelFirst, isAsymmetric: true)
  }

  func hybridKernel(
    _ shared: ConvolutionSite, _ weights: HybridWeights, isAsymmetric: Bool
  ) -> Kernel {
    let shape = shared.weights
    return shared.hybridKernel(weights, isAsymmetric: isAsymmetric) { weights in
      ck_pack_conv2d_i8(
        weights, 0, shape.batches, shape.height, shape.width, shape.channels)
    }
  }

  /// As `integerKernel`, with sums of 64 bits.
  public func wideKernel(
    _ shared: ConvolutionSite, _ requantization: Requantization, accumulatorBits: Int
  ) -> Kernel {
    let shape = shared.weights
    return shared.kernel(
      pack: { weights in
        ck_pack_conv2d_i16x8(weights, shape.batches, shape.height, shape.width, shape.channels)
      },
      { (part: ConvolutionSite.Part<Int16>, bias: UnsafePointer<Int64>?) in
        requantization.withWideForm(bias: bias, accumulatorBits: accumulatorBits) { form in
          ck_conv2d_i16x8(
            part.input, shared.input, part.weights, shared.window.kernelForm, &form, part.output,
            shared.output, part.begin, part.end)
        }
      })
  }

  public func floatKernel(_ shared: ConvolutionSite) -> Kernel {
    sumsByChannel
      ? PatchConvolution(shared).kernel
      : floatKernel(shared, .of(convolutionBy: shared.weights))
  }

  /// Sums in single precision, in the order kernel row, kernel column, input channel; fused products block by block.
  func floatKernel(_ shared: ConvolutionSite, _ blocks: ProductBlocks) -> Kernel {
    let shape = shared.weights
    let blockChannels = fusesProducts ? blocks.channels : ProductBlocks.none.channels
    let (range, products) = (shared.clamp.floatRange, ck_products(areFused: fusesProducts))
    return shared.kernel(
      pack: { weights in
        ck_pack_conv2d_f32(
          weights, shape.batches, shape.height, shape.width, shape.channels, blockChannels)
      },
      { (part: ConvolutionSite.Part<Float>, bias: UnsafePointer<Float>?) in
        ck_conv2d_f32(
          part.input, shared.input, part.weights, shared.window.kernelForm, bias, range.lower,
          range.upper, part.output, shared.output, part.begin, part.end, products)
      })
  }
}

extension Diagnostic.Message {
  fileprivate static func groups(_ image: Shape, _ weights: Shape) -> Self {
    Self(
      id: "grouped-convolution", .malformed,
      "`conv2d` of an image of shape \(image) cannot have weights of shape \(weights)")
  }
}
