import GraphIR
import Support
import Tensors

/// Where the largest element of each window lies, the first of equal ones: its place among the elements of an image whose
/// channels stand before its pixels.
///
/// The operand has channels last, as that of `WindowPool`; so has the result, of `i64` elements.
///
/// ONNX: the second result of `MaxPool`.
public struct MaxPoolPlaces: Operator {
  public static let name = "max_pool_places"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i32, .i64]
  /// The extents of the window.
  public var kernel: [Int]
  /// By how much the window moves along each axis.
  public var stride: [Int]
  /// By how much its elements lie apart; 1 for neighbours.
  public var dilation: [Int]
  /// The pads before each axis, then those behind each.
  public var pads: [Int]
  /// Whether a last window counts that only begins inside.
  public var roundsUp: Bool
  /// Whether pixels are counted along the first axis before the next (ONNX: `storage_order`).
  public var countsColumnMajor: Bool

  public init() { self.init(kernel: [1]) }

  /// - Parameters:
  ///   - kernel, stride, dilation: a positive number for each axis; 1 where left out.
  ///   - pads: two numbers for each axis; 0 where left out.
  ///   - roundsUp: instead of leaving out what a whole window does not cover.
  ///   - countsColumnMajor: of the pixels of one channel.
  public init(
    kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil, pads: [Int]? = nil,
    roundsUp: Bool = false, countsColumnMajor: Bool = false
  ) {
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.pads = pads ?? (kernel + kernel).map { _ in 0 }
    self.roundsUp = roundsUp
    self.countsColumnMajor = countsColumnMajor
  }

  /// As of `WindowPool`, of `i64` elements.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let (image, windows) = (operands[0].shape.extents, try windows(operands))
    let extents = image.prefix(1) + windows.axes.map(\.output) + image.suffix(1)
    return [TensorType(.i64, Shape(Array(extents)))]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  private func windows(_ operands: [TensorType]) throws -> ImageWindows {
    ImageWindows(
      try WindowAxis.axes(
        over: Array(operands[0].shape.extents.dropFirst().dropLast()), kernel: kernel,
        stride: stride, dilation: dilation, pads: pads, roundsUp: roundsUp, kind: Self.name))
  }

  /// Works on windows in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let windows = try windows(site.operands)
    switch site.operands[0].element {
    case .i8: return kernel(windows, site, of: Int8.self)
    case .u8: return kernel(windows, site, of: UInt8.self)
    case .i32: return kernel(windows, site, of: Int32.self)
    case .i64: return kernel(windows, site, of: Int64.self)
    default: return kernel(windows, site, of: Float.self)
    }
  }

  private func kernel<Number: Comparable & BitwiseCopyable & Sendable>(
    _ windows: ImageWindows, _ site: Site, of type: Number.Type
  ) -> Kernel {
    let channels = site.operands[0].shape.extents.last ?? 1
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Number.self))
      let y = Shared(results[0].pointer(to: Int64.self))
      workers.split(site.results[0].elementCount, grain: 256) { part in
        for place in part {
          let (pixels, channel) = (place / channels, place % channels)
          let batch = pixels / windows.count
          let best = largest(
            x.pointer + batch * windows.pixels * channels + channel, channels, windows,
            pixels % windows.count)
          let plane = (batch * channels + channel) * windows.pixels
          y.pointer[place] = Int64(plane + number(of: best, windows.axes))
        }
      }
    }
  }

  /// The pixel with the largest element; 0 for a window that lies in the pads.
  private func largest<Number: Comparable>(
    _ x: UnsafePointer<Number>, _ channels: Int, _ windows: ImageWindows, _ window: Int
  ) -> Int {
    var best: Int?
    windows.forEachPixel(of: window) { pixel, _ in
      guard let found = best else { return best = pixel }
      if x[pixel * channels] > x[found * channels] { best = pixel }
    }
    return best ?? 0
  }

  private func number(of pixel: Int, _ axes: [WindowAxis]) -> Int {
    guard countsColumnMajor else { return pixel }
    var rest = pixel
    return axes.reversed().reduce(0) { number, axis in
      defer { rest /= axis.input }
      return number * axis.input + rest % axis.input
    }
  }

  /// As of `WindowPool`.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let taps = kernel.reduce(1) { Work.product($0, $1) }
    return Work(elementOperations: Work.product(results[0].elementCount, taps))
  }

  public static let examples = [
    // In the first channel the second pixel, in the second one, which begins behind four pixels, the third.
    Example(
      MaxPoolPlaces(kernel: [2, 2]),
      [Tensor(TensorType(.f32, [1, 2, 2, 2]), numbers: [1, 1, 3, 2, 2, 9, 3, 9])],
      gives: [Tensor(TensorType(.i64, [1, 1, 1, 2]), numbers: [1, 6])]),
    Example(
      MaxPoolPlaces(kernel: [2, 2], countsColumnMajor: true),
      [Tensor(TensorType(.u8, [1, 2, 2, 1]), numbers: [1, 3, 2, 3])],
      gives: [Tensor(TensorType(.i64, [1, 1, 1, 1]), numbers: [2])]),
  ]
}
