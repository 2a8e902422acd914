import CKernels
import GraphIR
import Tensors

/// A convolution of `f32` images in the order that ONNX Runtime has where it makes a matrix of the windows: channel by channel,
/// each with its whole window. It does so for images of one axis, and where channels do not fill its vectors.
///
/// Rows of that matrix are made for a few windows at a time.
struct PatchConvolution: Sendable {
  private let shared: ConvolutionSite
  private let order: PatchOrder

  init(_ shared: ConvolutionSite) {
    self.shared = shared
    order = PatchOrder.of(shared)
  }

  /// Works on windows in parallel; with a single window in each image, on images.
  var kernel: Kernel {
    let filters = PatchFilters.lazy(shared, order)
    let windows = Int(shared.output.height) * Int(shared.output.width)
    let count = Int(shared.output.batches) * windows
    return Kernel { [self] operands, results, workers in
      let filters = filters(operands[1])
      let input = Shared(operands[0].pointer(to: Float.self))
      let output = Shared(results[0].pointer(to: Float.self))
      let bias = Shared(operands.count > 2 ? operands[2].pointer(to: Float.self) : nil)
      workers.split(count, grain: 64) { part in
        run(part, filters, input.pointer, bias.pointer, output.pointer)
      }
    }
  }

  /// Whether the pixels of the image are the rows.
  private var hasOwnRows: Bool {
    let window = shared.window
    return order != .inFours && window.kernel == .one && window.stride == .one
      && window.output == Spatial(height: Int(shared.input.height), width: Int(shared.input.width))
  }

  /// As many windows at a time as keep their elements in the cache.
  private func run(
    _ part: Range<Int>, _ filters: PatchFilters, _ input: UnsafePointer<Float>,
    _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>
  ) {
    let depth = filters.depth
    guard !hasOwnRows else {
      return filters.multiply(
        input + part.lowerBound * depth, part.count, bias, shared.clamp,
        into: output + part.lowerBound * filters.count)
    }
    let size = max(1, min(part.count, 1 << 16 / max(depth, 1)))
    withUnsafeTemporaryAllocation(of: Float.self, capacity: size * depth) { patches in
      guard let matrix = patches.baseAddress else { return }
      for first in stride(from: part.lowerBound, to: part.upperBound, by: size) {
        let count = min(size, part.upperBound - first)
        ck_copy_windows_f32(
          input, shared.input, shared.window.kernelForm, shared.output, Int64(first), Int64(count),
          order == .inFours ? 1 : 0, matrix)
        filters.multiply(matrix, count, bias, shared.clamp, into: output + first * filters.count)
      }
    }
  }
}

/// How the products of a window with a filter are added.
private enum PatchOrder: Hashable, Sendable {
  /// Fused, in blocks of so many.
  case inBlocks(Int32)
  /// Rounded, four at a time: if there is one filter.
  case inFours
  /// Rounded, in eight sums: if there is one window.
  case inEights

  static func of(_ shared: ConvolutionSite) -> PatchOrder {
    let windows = shared.output.height * shared.output.width
    guard shared.weights.batches > 1 else { return .inFours }
    guard windows > 1 else { return .inEights }
    let depth = shared.weights.height * shared.weights.width * shared.weights.channels
    let product = ck_matrix_product(
      rows: shared.weights.batches, depth: depth, columns: windows, a_is_transposed: 0,
      b_is_transposed: 0)
    return .inBlocks(ProductBlocks.of(product).channels)
  }
}

/// Filters whose elements stand as those of the windows do.
private struct PatchFilters: Sendable {
  let count: Int
  let depth: Int
  private let order: PatchOrder
  private let elements: [Float]
  /// What is multiplied with fused products.
  private let packed: PackedWeights?

  private init(_ weights: ck_shape, _ order: PatchOrder, _ elements: UnsafePointer<Float>) {
    let (window, channels) = (Int(weights.height) * Int(weights.width), Int(weights.channels))
    self.order = order
    count = Int(weights.batches)
    depth = window * channels
    let ordered = (0..<count).flatMap { filter in
      (0..<window * channels).map { place in
        elements[(filter * window + place % window) * channels + place / window]
      }
    }
    if case .inBlocks(let size) = order {
      self.elements = []
      packed = PackedWeights(
        ck_pack_conv2d_f32(ordered, weights.batches, 1, 1, Int32(clamping: depth), size))
    } else {
      self.elements = ordered
      packed = nil
    }
  }

  /// Filters that are arranged now if they are constant, else anew in each run.
  static func lazy(
    _ shared: ConvolutionSite, _ order: PatchOrder
  ) -> @Sendable (UnsafeRawBufferPointer) -> PatchFilters {
    let weights = shared.weights
    let ready = shared.site.constants[1].map {
      PatchFilters(weights, order, $0.bytes.pointer(to: Float.self))
    }
    return { ready ?? PatchFilters(weights, order, $0.pointer(to: Float.self)) }
  }

  /// `y = clamp(Σ row · filter + bias)`, for each row all filters; of a single filter, rows are columns.
  func multiply(
    _ rows: UnsafePointer<Float>, _ rowCount: Int, _ bias: UnsafePointer<Float>?, _ clamp: Clamp,
    into y: UnsafeMutablePointer<Float>
  ) {
    let range = clamp.floatRange
    if let packed {
      return ck_conv2d_f32(
        rows, ck_shape([1, rowCount, 1, depth]), packed.form, Window.single.kernelForm, bias,
        range.lower, range.upper, y, ck_shape([1, rowCount, 1, count]), 0,
        Int32(clamping: rowCount), ck_products_fused)
    }
    multiplyNarrowly(rows, rowCount, into: y)
    for row in 0..<rowCount {
      for filter in 0..<count {
        let sum = y[row * count + filter] + (bias?[filter] ?? 0)
        y[row * count + filter] = min(max(sum, range.lower), range.upper)
      }
    }
  }

  private func multiplyNarrowly(
    _ rows: UnsafePointer<Float>, _ rowCount: Int, into y: UnsafeMutablePointer<Float>
  ) {
    guard order == .inEights else {
      let product = ck_matrix_product(
        rows: 1, depth: Int32(clamping: depth), columns: Int32(clamping: rowCount),
        a_is_transposed: 0, b_is_transposed: 0)
      return _ = ck_narrow_product_f32(elements, rows, product, y)
    }
    for row in 0..<rowCount {
      ck_products_in_eights_f32(
        elements, Int64(count), Int64(depth), rows + row * depth, y + row * count)
    }
  }
}
