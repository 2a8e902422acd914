import CKernels
import Lowering
import Operators

/// Where commands read constants, and as what: equal ones share a form.
enum ConstantUse: Hashable {
  /// The layer tells apart what is staged at one address for one layer after the other.
  case weights(layer: Int, Span, WeightShape)
  case parameters(layer: Int, Span, Rescale.Rounding)
}

/// What the weights of a convolution are, apart from their bytes.
struct WeightShape: Hashable {
  let isDepthwise: Bool
  let zeroPoint: Int32
  let kernel: Spatial
  let inputDepth: Int
  let depth: Int

  init(_ convolve: Convolve) {
    isDepthwise = convolve.mode == .depthwise
    zeroPoint = convolve.weightZeroPoint
    kernel = convolve.window.kernel
    inputDepth = convolve.inputDepth
    depth = convolve.depth
  }
}

/// Weights rearranged for the inner loops. A class because it owns memory of the kernels.
final class TileWeights {
  let form: OpaquePointer

  init(_ bytes: UnsafeRawBufferPointer, _ shape: WeightShape) {
    let weights = bytes.baseAddress?.assumingMemoryBound(to: Int8.self)
    let (height, width) = (Int32(shape.kernel.height), Int32(shape.kernel.width))
    let form =
      shape.isDepthwise
      ? ck_pack_depthwise_conv2d_i8(weights, shape.zeroPoint, height, width, Int32(shape.depth))
      : ck_pack_conv2d_i8(
        weights, shape.zeroPoint, Int32(shape.depth), height, width, Int32(shape.inputDepth))
    guard let form else { fatalError("out of memory while packing weights") }
    self.form = form
  }

  deinit { ck_free_packed_weights(form) }
}

/// Bias and factors of some output channels, in the kernels' form. A class because it owns the memory that the form
/// points to.
final class RescalingFactors {
  /// Without zero point and bounds.
  let form: ck_requantization
  private let integers: UnsafeMutablePointer<Int32>
  private let scales: UnsafeMutablePointer<Double>

  init(_ parameters: ChannelParameters) {
    let count = parameters.bias.count
    integers = .allocate(capacity: 3 * count)
    scales = .allocate(capacity: count)
    integers.initialize(from: parameters.bias, count: count)
    var form = ck_requantization()
    form.bias = UnsafePointer(integers)
    switch parameters.factors {
    case .fixedPoint(let factors):
      (integers + count).initialize(from: factors.map(\.multiplier), count: count)
      (integers + 2 * count).initialize(from: factors.map(\.shift), count: count)
      form.rounding = ck_rounding_fixed_point
      form.multipliers = UnsafePointer(integers + count)
      form.shifts = UnsafePointer(integers + 2 * count)
    case .real(let factors):
      scales.initialize(from: factors, count: count)
      form.rounding = ck_rounding_half_away
      form.scales = UnsafePointer(scales)
    case .single(let factors):
      scales.initialize(from: factors.map(Double.init), count: count)
      form.rounding = ck_rounding_half_even
      form.scales = UnsafePointer(scales)
    }
    self.form = form
  }

  deinit {
    integers.deallocate()
    scales.deallocate()
  }
}
