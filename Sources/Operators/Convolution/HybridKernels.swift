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

  /// Stores the bytes of as many numbers as there is room for.
  ///
  /// Source: `PortableSymmetricQuantizeFloats` and `PortableAsymmetricQuantizeFloats` of TFLite.
  ///
  /// - Parameter isAsymmetric: whether the range goes from the smallest number to the largest, instead of as far below 0 as
  ///   above it.
  init(_ x: UnsafePointer<Float>, isAsymmetric: Bool, into bytes: inout [Int8]) {
    var (lowest, highest) = (Float(0), Float(0))
    for index in bytes.indices {
      lowest = min(lowest, x[index])
      highest = max(highest, x[index])
    }
    if lowest == highest || !(highest - lowest).isFinite {
      (scale, zeroPoint) = (1, 0)
    } else if isAsymmetric {
      (scale, zeroPoint) = Self.asymmetric(Double(lowest), Double(highest))
    } else {
      (scale, zeroPoint) = (max(-lowest, highest) / 127, 0)
    }
    // The reference divides 127 by the range where it is symmetric, not 1 by the scale.
    let inverse = isAsymmetric || scale == 1 ? 1 / scale : 127 / max(-lowest, highest)
    let least: Float = isAsymmetric ? -128 : -127
    for index in bytes.indices {
      let steps = (Float(zeroPoint) + x[index] * inverse).rounded(.toNearestOrAwayFromZero)
      bytes[index] = steps.isNaN ? 0 : Int8(min(max(steps, least), 127))
    }
  }

  /// The zero point that loses less of either end of the range.
  private static func asymmetric(_ lowest: Double, _ highest: Double) -> (Float, Int32) {
    let scale = (highest - lowest) / 255
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

  /// Whether all output channels have one scale, written once or often.
  var hasOneScale: Bool { scales.allSatisfy { $0 == scales[0] } }

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
    let channels = scales.count
    for start in stride(from: 0, to: sums.count, by: channels) {
      for channel in 0..<channels {
        let real = Float(sums[start + channel]) * (scale * scales[channel])
        let sum = real + (bias?[channel] ?? 0)
        y[start + channel] = min(max(sum, range.lower), range.upper)
      }
    }
  }
}

/// What computes sums of products of bytes, one image after the other: the shapes of an image and its sums, and the window.
struct HybridSums: Sendable {
  let input: ck_shape
  let output: ck_shape
  let window: ck_window

  /// The sums for one image, in memory that `scratch` keeps for the next.
  func callAsFunction(
    _ image: [Int8], _ zeroPoint: Int32, _ weights: PackedWeights, _ scratch: OpaquePointer
  ) -> [Int32] {
    let count = Int(output.height) * Int(output.width) * Int(output.channels)
    return [Int32](unsafeUninitializedCapacity: count) { sums, initializedCount in
      image.withUnsafeBufferPointer { image in
        var tile = ck_convolution_tile(
          tile: image.baseAddress, tile_shape: input, input_zero_point: zeroPoint, window: window,
          accumulators: sums.baseAddress, accumulator_shape: output, adds: 0)
        ck_accumulate_tile(&tile, weights.form, scratch)
      }
      initializedCount = count
    }
  }

  /// Calls `body` with memory for calls that follow each other.
  static func withScratch(_ body: (OpaquePointer) -> Void) {
    guard let scratch = ck_make_scratch() else { fatalError("out of memory for a convolution") }
    defer { ck_free_scratch(scratch) }
    body(scratch)
  }
}

extension ConvolutionSite {
  /// A kernel for real images and weights of bytes, which `pack` rearranges.
  func hybridKernel(
    _ weights: HybridWeights, isAsymmetric: Bool,
    pack: @escaping @Sendable (UnsafePointer<Int8>) -> OpaquePointer?
  ) -> Kernel {
    let packed = LazyWeights(site.constants[1]) { PackedWeights(pack($0.pointer(to: Int8.self))) }
    let batches = Int(input.batches)
    let inputs = site.operands[0].elementCount / batches
    let outputs = site.results[0].elementCount / batches
    let sums = singleImage
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Float.self), results[0].pointer(to: Float.self))
      let bias = operands.count > 2 ? operands[2].pointer(to: Float.self) : nil
      let form = packed(operands[1])
      var image = [Int8](repeating: 0, count: inputs)
      HybridSums.withScratch { scratch in
        for batch in 0..<batches {
          let found = DynamicQuantization(
            x + batch * inputs, isAsymmetric: isAsymmetric, into: &image)
          weights.finish(
            sums(image, found.zeroPoint, form, scratch), scale: found.scale, bias,
            y + batch * outputs)
        }
      }
    }
  }

  private var singleImage: HybridSums {
    var (one, result) = (input, output)
    (one.batches, result.batches) = (1, 1)
    return HybridSums(input: one, output: result, window: window.kernelForm)
  }
}

extension Diagnostic.Message {
  fileprivate static func hybridWeights(_ kind: String) -> Self {
    Self(
      id: "hybrid-weights", .unsupported,
      "the weights of `\(kind)` have no scales along their output channels")
  }
}
