import CKernels
import GraphIR
import Support
import Tensors

// Real activations meet weights of signed bytes: the activations become bytes, with a scale of their own for each image or
// row, products are summed as integers, and sums become real numbers again.

/// Real numbers as signed bytes, in steps as small as the numbers at hand allow.
struct DynamicQuantization {
  let scale: Float
  let zeroPoint: Int32

  /// Stores the bytes of `count` numbers.
  ///
  /// Source: `NeonSymmetricQuantizeFloats` and `NeonAsymmetricQuantizeFloats` of TFLite, which x86 takes, too.
  ///
  /// - Parameter isAsymmetric: whether the range goes from the smallest number to the largest, instead of as far below 0 as
  ///   above it.
  init(
    _ x: UnsafePointer<Float>, _ count: Int, isAsymmetric: Bool,
    into bytes: UnsafeMutablePointer<Int8>
  ) {
    var (lowest, highest) = (Float(0), Float(0))
    for index in 0..<count {
      lowest = min(lowest, x[index])
      highest = max(highest, x[index])
    }
    if lowest == highest || !(highest - lowest).isFinite {
      (scale, zeroPoint) = (1, 0)
    } else if isAsymmetric {
      (scale, zeroPoint) = Self.asymmetric(lowest, highest)
    } else {
      (scale, zeroPoint) = (max(-lowest, highest) / 127, 0)
    }
    // The reference divides 127 by the range where it is symmetric, not 1 by the scale.
    let inverse = isAsymmetric || scale == 1 ? 1 / scale : 127 / max(-lowest, highest)
    let least: Int32 = isAsymmetric ? -128 : -127
    ck_quantize_dynamically(x, Int64(count), inverse, zeroPoint, least, bytes)
  }

  /// The zero point that loses less of either end of the range, of which the extent is in single precision.
  private static func asymmetric(_ lowest: Float, _ highest: Float) -> (Float, Int32) {
    let scale = Double(highest - lowest) / 255
    let (lowest, highest) = (Double(lowest), Double(highest))
    let fromLowest = -128 - lowest / scale
    let fromHighest = 127 - highest / scale
    let isLowestNearer = 128 + abs(lowest / scale) < 127 + abs(highest / scale)
    let point = (isLowestNearer ? fromLowest : fromHighest).rounded(.toNearestOrAwayFromZero)
    return (Float(scale), Int32(min(max(point, -128), 127)))
  }
}

/// The weights of a hybrid operator: bytes with scales, and what comes behind the sums.
public struct HybridWeights: Sendable {
  /// One for each output channel.
  let scales: [Float]
  private let range: (lower: Float, upper: Float)
  private var takesChannelFirst = false

  /// Whether all output channels have one scale, written once or often.
  var hasOneScale: Bool { scales.allSatisfy { $0 == scales[0] } }

  /// The same, but sums are multiplied with the scale of their channel before that of the image.
  var channelFirst: Self {
    var copy = self
    copy.takesChannelFirst = true
    return copy
  }

  /// - Throws: a `Diagnostic` if the weights have no scales along their output channels, or zero points.
  init(_ weights: TensorType, channels: Int, axis: Int?, _ clamp: Clamp, _ kind: String) throws {
    guard let quantization = weights.quantization,
      quantization.isPerTensor || quantization.axis == axis
    else {
      throw Diagnostic(
        .hybridWeights(kind), help: "quantize the weights by one scale, or one per output channel")
    }
    try ElementChecks.symmetric(weights, "operand 1", kind)
    scales =
      quantization.isPerTensor
      ? Array(repeating: quantization.scale, count: channels)
      : quantization.scales
    range = clamp.floatRange
  }

  /// `y = clamp(sum · scale + bias)`, for pixels of all output channels.
  func finish(
    _ sums: [Int32], scale: Float, _ bias: UnsafePointer<Float>?, _ y: UnsafeMutablePointer<Float>
  ) {
    ck_finish_dynamic_sums(
      sums, Int64(sums.count / scales.count), Int32(scales.count), scale, scales,
      takesChannelFirst ? 1 : 0, bias, range.lower, range.upper, y)
  }
}

extension ConvolutionSite {
  /// A kernel for real images and weights of bytes, which are packed once if they are constant.
  func hybridKernel(
    _ weights: HybridWeights, isAsymmetric: Bool,
    pack: @escaping @Sendable (UnsafePointer<Int8>) -> OpaquePointer?
  ) -> Kernel {
    let lazyWeights = LazyWeights(site.constants[1]) {
      PackedWeights(pack($0.pointer(to: Int8.self)))
    }
    let (batches, results) = (Int(input.batches), site.results[0].elementCount)
    let (inputs, outputs) = (site.operands[0].elementCount / batches, results / batches)
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), results[0].pointer(to: Float.self))
      let bias = operands.count > 2 ? operands[2].pointer(to: Float.self) : nil
      let packed = lazyWeights(operands[1])
      var image = [Int8](repeating: 0, count: inputs)
      for batch in 0..<batches {
        let found = image.withUnsafeMutableBufferPointer {
          // An image has elements, so there is a base address.
          DynamicQuantization(
            x + batch * inputs, inputs, isAsymmetric: isAsymmetric, into: $0.baseAddress!)
        }
        let sums = packed.sums(
          image, single, zeroPoint: found.zeroPoint, window.kernelForm, count: outputs)
        weights.finish(sums, scale: found.scale, bias, y + batch * outputs)
      }
    }
  }

  /// The shape of one image, and of its result.
  var single: (input: ck_shape, output: ck_shape) {
    var (one, result) = (input, output)
    (one.batches, result.batches) = (1, 1)
    return (one, result)
  }
}

extension PackedWeights {
  /// `Σ (image − zeroPoint) · weights` over the window, for each of the `count` elements of one image's result.
  func sums(
    _ image: [Int8], _ shape: (input: ck_shape, output: ck_shape), zeroPoint: Int32,
    _ window: ck_window, count: Int
  ) -> [Int32] {
    guard let scratch = ck_make_scratch() else { fatalError("out of memory for a convolution") }
    defer { ck_free_scratch(scratch) }
    return image.withUnsafeBufferPointer { image in
      [Int32](unsafeUninitializedCapacity: count) { sums, initialized in
        // Neither an image nor its result is empty, so there are base addresses.
        var tile = ck_convolution_tile(
          tile: image.baseAddress!, tile_shape: shape.input, input_zero_point: zeroPoint,
          window: window, accumulators: sums.baseAddress!, accumulator_shape: shape.output,
          adds: 0)
        ck_accumulate_tile(&tile, form, scratch)
        initialized = count
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func hybridWeights(_ kind: String) -> Self {
    Self(
      id: "hybrid-weights", .unsupported,
      "the weights of `\(kind)` have no scales along their output channels")
  }
}
