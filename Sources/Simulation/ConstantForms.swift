import CKernels
import Lowering
import Operators

/// Where commands read constants, and as what: equal ones share a form.
enum ConstantUse: Hashable {
  /// The layer tells apart what is staged at one address for one layer after the other.
  case weights(layer: Int, Span, WeightShape)
  case parameters(layer: Int, Span, RescaledRange)
}

/// What the weights of a convolution are, apart from their bytes, and what they are multiplied with.
struct WeightShape: Hashable {
  let isDepthwise: Bool
  let inputZeroPoint: Int32
  let zeroPoint: Int32
  let kernel: Spatial
  let inputDepth: Int
  let depth: Int

  init(_ convolve: Convolve) {
    isDepthwise = convolve.mode == .depthwise
    inputZeroPoint = convolve.inputZeroPoint
    zeroPoint = convolve.weightZeroPoint
    kernel = convolve.window.kernel
    inputDepth = convolve.inputDepth
    depth = convolve.depth
  }

  /// How many weights there are.
  var count: Int { kernel.product * depth * (isDepthwise ? 1 : inputDepth) }
}

/// What a command rescales to, and how it rounds.
struct RescaledRange: Hashable {
  let rounding: Rescale.Rounding
  let zeroPoint: Int32
  let clampLower: Int32
  let clampUpper: Int32
  let isUnsigned: Bool

  init(_ rescale: Rescale) {
    rounding = rescale.rounding
    zeroPoint = rescale.zeroPoint
    clampLower = rescale.clampLower
    clampUpper = rescale.clampUpper
    isUnsigned = rescale.isUnsigned
  }
}

/// Weights rearranged for the inner loops. A class because it owns memory of the kernels.
final class TileWeights: KernelForm {
  private let form: OpaquePointer

  /// - Parameter code: in which the weights are; nil if they are stored as they are.
  init(_ bytes: UnsafeRawBufferPointer, _ shape: WeightShape, _ code: WeightCode?) {
    guard let code else {
      form = Self.form(bytes, shape)
      return
    }
    var weights = [UInt8](repeating: 0, count: shape.count)
    // Of bytes that nobody wrote in time, whatever can be decoded is what the array computes with.
    weights.withUnsafeMutableBytes { try? code.decode(bytes, into: $0) }
    form = weights.withUnsafeBytes { Self.form($0, shape) }
  }

  private static func form(_ bytes: UnsafeRawBufferPointer, _ shape: WeightShape) -> OpaquePointer {
    let weights = bytes.baseAddress?.assumingMemoryBound(to: Int8.self)
    let (height, width) = (Int32(shape.kernel.height), Int32(shape.kernel.width))
    let form =
      shape.isDepthwise
      ? ck_pack_depthwise_conv2d_i8(weights, shape.zeroPoint, height, width, Int32(shape.depth))
      : ck_pack_conv2d_i8(
        weights, shape.zeroPoint, Int32(shape.depth), height, width, Int32(shape.inputDepth))
    guard let form else { fatalError("out of memory while packing weights") }
    ck_expect_input_zero_point(form, shape.inputZeroPoint)
    return form
  }

  deinit { ck_free_packed_weights(form) }

  var address: UnsafeRawPointer { UnsafeRawPointer(form) }
}

/// Bias and factors of some output channels, in the kernels' form. A class because it owns the memory that the form
/// is in and points to.
final class RescalingParameters: KernelForm {
  private let form: UnsafeMutablePointer<ck_requantization>
  private let integers: UnsafeMutablePointer<Int32>
  private let scales: UnsafeMutablePointer<Double>

  init(_ parameters: ChannelParameters, _ range: RescaledRange) {
    let count = parameters.bias.count
    integers = .allocate(capacity: 3 * count)
    scales = .allocate(capacity: count)
    form = .allocate(capacity: 1)
    form.initialize(to: ck_requantization(range))
    integers.initialize(from: parameters.bias, count: count)
    form.pointee.bias = UnsafePointer(integers)
    switch parameters.factors {
    case .fixedPoint(let factors):
      (integers + count).initialize(from: factors.map(\.multiplier), count: count)
      (integers + 2 * count).initialize(from: factors.map(\.shift), count: count)
      form.pointee.rounding = ck_rounding_fixed_point
      form.pointee.multipliers = UnsafePointer(integers + count)
      form.pointee.shifts = UnsafePointer(integers + 2 * count)
    case .real(let factors):
      scales.initialize(from: factors, count: count)
      form.pointee.rounding = ck_rounding_half_away
      form.pointee.scales = UnsafePointer(scales)
    case .single(let factors):
      scales.initialize(from: factors.map(Double.init), count: count)
      form.pointee.rounding = ck_rounding_half_even
      form.pointee.scales = UnsafePointer(scales)
    }
  }

  deinit {
    form.deallocate()
    integers.deallocate()
    scales.deallocate()
  }

  var address: UnsafeRawPointer { UnsafeRawPointer(form) }
}

extension ck_requantization {
  /// Without bias and factors.
  fileprivate init(_ range: RescaledRange) {
    self.init()
    output_zero_point = range.zeroPoint
    clamp_min = range.clampLower
    clamp_max = range.clampUpper
    is_unsigned = range.isUnsigned ? 1 : 0
  }
}
