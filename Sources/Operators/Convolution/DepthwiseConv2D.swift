import CKernels
import GraphIR
import Support
import Tensors

/// A convolution of each channel by itself: output channel `o` reads input channel `o / multiplier`.
///
/// Operands: image NHWC, weights `[1, kernel height, kernel width, o]`, and optionally bias `[o]`; element
/// types as for `Conv2D`, weights quantized along the last axis.
public struct DepthwiseConv2D: ConvolutionOperator {
  /// Output channels come last in the weights.
  public static let channelAxis = 3
  public static let name = "depthwise_conv2d"
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

  public init() { self.init(stride: [1, 1]) }

  /// - Parameters:
  ///   - stride, dilation: height and width, both positive; `resultTypes` refuses others.
  ///   - clamp: of the sum with the bias.
  ///   - rescaling: of quantized results.
  ///   - fusesProducts: of real numbers, which is faster, and not what TFLite's reference kernels do.
  public init(
    stride: [Int] = [1, 1], dilation: [Int] = [1, 1], padding: Padding = .valid,
    clamp: Clamp = .none, rescaling: Rescaling = .tflite, fusesProducts: Bool = false
  ) {
    self.stride = stride
    self.dilation = dilation
    self.padding = padding
    self.clamp = clamp
    self.rescaling = rescaling
    self.fusesProducts = fusesProducts
  }

  /// `[b, h, w, o]` with height and width from the window; the image's channels divide `o`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...3, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    try ElementChecks.rank(operands, 1, 4, Self.name)
    let (image, weights) = (operands[0].shape, operands[1].shape)
    try ElementChecks.shape(operands, 1, [1, weights[1], weights[2], weights[3]], Self.name)
    guard weights[3] % image[3] == 0 else {
      throw Diagnostic(.channelsNotMultiple(image[3], weights[3]))
    }
    return [try resultType(operands)]
  }

  /// `elements of the result · kernel height · kernel width`, those over padding included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(
      macs: Work.product(
        results[0].elementCount, operands[1].shape[1], operands[1].shape[2]))
  }

  /// As of `Conv2D`, and the multiplier, which most hardware wants to be 1.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(
      kernel: Array(operands[1].shape.extents[1...2]), stride: stride, dilation: dilation,
      depthMultiplier: operands[1].shape[3] / operands[0].shape[3])
  }

  public static let examples = [
    Example(
      DepthwiseConv2D(),
      [
        Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [1, 10, 100, 1000]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 2]), numbers: [301, 4020])]),
    // As of `Conv2D`.
    Example(
      DepthwiseConv2D(fusesProducts: true),
      [
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, 1 + 0x1p-12]),
        Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [-1 - 0x1p-11, 1 + 0x1p-12]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [0x1p-24])]),
    Example(
      DepthwiseConv2D(clamp: .relu6),
      [
        Tensor(TensorType(.i8, [1, 1, 1, 1], Quantization(scale: 1)), numbers: [3]),
        Tensor(
          TensorType(
            .i8, [1, 1, 1, 2], Quantization(axis: 3, scales: [1, 2], zeroPoints: [0, 0])),
          numbers: [1, 2]),
        Tensor(
          TensorType(.i32, [2], Quantization(axis: 0, scales: [1, 2], zeroPoints: [0, 0])),
          numbers: [1, 0]),
      ],
      gives: [
        Tensor(TensorType(.i8, [1, 1, 1, 2], Quantization(scale: 0.5)), numbers: [8, 12])
      ]),
    Example(
      DepthwiseConv2D(),
      [
        Tensor(TensorType(.i16, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [300, -400]),
        Tensor(TensorType(.i8, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [2, 1]),
        Tensor(TensorType(.i64, [1], Quantization(scale: 1)), numbers: [7]),
      ],
      gives: [Tensor(TensorType(.i16, [1, 1, 1, 1], Quantization(scale: 0.5)), numbers: [414])]),
  ]
}

extension DepthwiseConv2D {
  /// As that of `Conv2D`, channel by channel.
  public func integerKernel(_ shared: ConvolutionSite, _ requantization: Requantization) -> Kernel {
    let shape = shared.weights
    return shared.kernel(
      pack: { weights in
        ck_pack_depthwise_conv2d_i8(
          weights, shared.weightZeroPoint, shape.height, shape.width, shape.channels)
      },
      { (part: ConvolutionSite.Part<Int8>, bias: UnsafePointer<Int32>?) in
        requantization.withKernelForm(bias: bias) { form in
          form.is_unsigned = shared.isUnsigned ? 1 : 0
          ck_depthwise_conv2d_i8(
            part.input, shared.input, shared.inputZeroPoint, part.weights,
            shared.window.kernelForm, &form, part.output, shared.output, part.begin, part.end)
        }
      })
  }

  /// As that of `Conv2D`, channel by channel, and always asymmetric.
  public func hybridKernel(_ shared: ConvolutionSite, _ weights: HybridWeights) -> Kernel {
    let shape = shared.weights
    return shared.hybridKernel(weights, isAsymmetric: true) { weights in
      ck_pack_depthwise_conv2d_i8(weights, 0, shape.height, shape.width, shape.channels)
    }
  }

  /// All of them, whatever the bias has.
  public static func accumulatorBits(bias: ElementType?) -> Int { 64 }

  /// As that of `Conv2D`, channel by channel.
  public func wideKernel(
    _ shared: ConvolutionSite, _ requantization: Requantization, accumulatorBits: Int
  ) -> Kernel {
    let shape = shared.weights
    return shared.kernel(
      pack: { weights in
        ck_pack_depthwise_conv2d_i16x8(weights, shape.height, shape.width, shape.channels)
      },
      { (part: ConvolutionSite.Part<Int16>, bias: UnsafePointer<Int64>?) in
        requantization.withWideForm(bias: bias, accumulatorBits: accumulatorBits) { form in
          ck_depthwise_conv2d_i16x8(
            part.input, shared.input, part.weights, shared.window.kernelForm, &form, part.output,
            shared.output, part.begin, part.end)
        }
      })
  }

  /// As that of `Conv2D`, channel by channel.
  public func floatKernel(_ shared: ConvolutionSite) -> Kernel {
    let shape = shared.weights
    let (range, products) = (shared.clamp.floatRange, ck_products(areFused: fusesProducts))
    return shared.kernel(
      pack: { weights in
        ck_pack_depthwise_conv2d_f32(weights, shape.height, shape.width, shape.channels)
      },
      { (part: ConvolutionSite.Part<Float>, bias: UnsafePointer<Float>?) in
        ck_depthwise_conv2d_f32(
          part.input, shared.input, part.weights, shared.window.kernelForm, bias, range.lower,
          range.upper, part.output, shared.output, part.begin, part.end, products)
      })
  }
}

extension Diagnostic.Message {
  fileprivate static func channelsNotMultiple(_ input: Int, _ output: Int) -> Self {
    Self(
      id: "channels-not-multiple", .malformed,
      "\(output) output channels of `depthwise_conv2d` are no multiple of \(input) input channels")
  }
}
