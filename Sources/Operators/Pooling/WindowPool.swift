import Foundation
import GraphIR
import Support
import Tensors

/// What a pool makes of the elements of a window.
public enum PoolFunction: String, Hashable, Sendable, Codable {
  /// The largest element.
  case maximum
  /// The mean.
  case mean
  /// `(Σ |x|ᵖ)^(1/p)`.
  case norm
}

/// Reduces windows of an image with any number of axes between batches and channels, channel by channel.
///
/// Maxima are of `f32` elements and of integers, means and norms of `f32`. `AveragePool2D` and `MaxPool2D` are faster where they
/// do.
///
/// ONNX: `AveragePool`, `MaxPool` and `LpPool`.
public struct WindowPool: Operator {
  public static let name = "window_pool"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i32, .i64]
  /// What becomes of the elements of a window.
  public var function: PoolFunction
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
  /// Whether pads count in a mean, as zeros.
  public var countsPads: Bool
  /// The exponent of a norm, positive.
  public var exponent: Int

  public init() { self.init(.maximum, kernel: [1]) }

  /// - Parameters:
  ///   - kernel, stride, dilation: a positive number for each axis; 1 where left out.
  ///   - pads: two numbers for each axis; 0 where left out.
  ///   - roundsUp: instead of leaving out what a whole window does not cover.
  ///   - countsPads: of a mean alone.
  ///   - exponent: of a norm alone.
  public init(
    _ function: PoolFunction, kernel: [Int], stride: [Int]? = nil, dilation: [Int]? = nil,
    pads: [Int]? = nil, roundsUp: Bool = false, countsPads: Bool = false, exponent: Int = 2
  ) {
    self.function = function
    self.kernel = kernel
    self.stride = stride ?? kernel.map { _ in 1 }
    self.dilation = dilation ?? kernel.map { _ in 1 }
    self.pads = pads ?? (kernel + kernel).map { _ in 0 }
    self.roundsUp = roundsUp
    self.countsPads = countsPads
    self.exponent = exponent
  }

  /// The image's batches and channels, and the windows' positions between them.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let (image, windows) = (operands[0].shape.extents, try windows(operands))
    let extents = image.prefix(1) + windows.axes.map(\.output) + image.suffix(1)
    return [operands[0].moved(into: Shape(Array(extents)))]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(
      operands, function == .maximum ? Self.elements : [.f32], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
    guard exponent > 0 else { throw Diagnostic(.badExponent(exponent)) }
  }

  private func windows(_ operands: [TensorType]) throws -> ImageWindows {
    ImageWindows(
      try WindowAxis.axes(
        over: Array(operands[0].shape.extents.dropFirst().dropLast()), kernel: kernel,
        stride: stride, dilation: dilation, pads: pads, roundsUp: roundsUp, kind: Self.name))
  }

  /// Works on windows in parallel, on all channels of one at once.
  public func kernel(for site: Site) throws -> Kernel {
    let windows = try windows(site.operands)
    switch (function, site.operands[0].element) {
    case (.mean, _): return meanKernel(windows, site)
    case (.norm, _): return normKernel(windows, site)
    case (.maximum, .i8): return maximumKernel(windows, site, from: Int8.min)
    case (.maximum, .u8): return maximumKernel(windows, site, from: UInt8.min)
    case (.maximum, .i32): return maximumKernel(windows, site, from: Int32.min)
    case (.maximum, .i64): return maximumKernel(windows, site, from: Int64.min)
    case (.maximum, _): return maximumKernel(windows, site, from: -Float.infinity)
    }
  }

  private func maximumKernel<Number: Comparable & BitwiseCopyable & Sendable>(
    _ windows: ImageWindows, _ site: Site, from start: Number
  ) -> Kernel {
    WindowKernel.make(windows, site, from: start) { (x: UnsafePointer<Number>, y, channels) in
      for channel in 0..<channels where x[channel] > y[channel] { y[channel] = x[channel] }
    } finish: { _, _, _ in
    }
  }

  private func meanKernel(_ windows: ImageWindows, _ site: Site) -> Kernel {
    WindowKernel.make(windows, site, from: 0) { (x: UnsafePointer<Float>, y, channels) in
      for channel in 0..<channels { y[channel] += x[channel] }
    } finish: { [countsPads] window, y, channels in
      let count = Float(max(1, windows.count(of: window, withPads: countsPads)))
      for channel in 0..<channels { y[channel] /= count }
    }
  }

  private func normKernel(_ windows: ImageWindows, _ site: Site) -> Kernel {
    let exponent = Float(exponent)
    return WindowKernel.make(windows, site, from: 0) { (x: UnsafePointer<Float>, y, channels) in
      for channel in 0..<channels { y[channel] += Self.power(abs(x[channel]), exponent) }
    } finish: { _, y, channels in
      for channel in 0..<channels { y[channel] = Self.root(y[channel], exponent) }
    }
  }

  /// `elements of the result · elements of the window`, those that padding takes up included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let taps = kernel.reduce(1) { Work.product($0, $1) }
    return Work(elementOperations: Work.product(results[0].elementCount, taps))
  }

  public static let examples = [
    // Means of two and of one element, and of three places of which one is padding.
    Example(
      WindowPool(.mean, kernel: [2], stride: [2], roundsUp: true),
      [Tensor(TensorType(.f32, [1, 3, 2]), numbers: [1, 10, 3, 30, 5, 50])],
      gives: [Tensor(TensorType(.f32, [1, 2, 2]), numbers: [2, 20, 5, 50])]),
    Example(
      WindowPool(.mean, kernel: [3], pads: [1, 0], countsPads: true),
      [Tensor(TensorType(.f32, [1, 2, 1]), numbers: [3, 6])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1]), numbers: [3])]),
    Example(
      WindowPool(.maximum, kernel: [2, 2], dilation: [1, 2]),
      [Tensor(TensorType(.i8, [1, 2, 3, 1]), numbers: [1, 9, 3, 4, 9, 2])],
      gives: [Tensor(TensorType(.i8, [1, 1, 1, 1]), numbers: [4])]),
    Example(
      WindowPool(.norm, kernel: [1, 1, 2], exponent: 3),
      [Tensor(TensorType(.f32, [1, 1, 1, 3, 1]), numbers: [0, -2, 0])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 2, 1]), numbers: [2, 2])]),
  ]
}

extension WindowPool {
  /// `xᵖ` of an `x` that is not negative.
  static func power(_ x: Float, _ exponent: Float) -> Float {
    exponent == 1 ? x : exponent == 2 ? x * x : pow(x, exponent)
  }

  /// `x^(1/p)`, the inverse of `power`.
  static func root(_ x: Float, _ exponent: Float) -> Float {
    exponent == 1 ? x : exponent == 2 ? x.squareRoot() : pow(x, 1 / exponent)
  }
}

/// Makes kernels that go through the pixels of each window.
private enum WindowKernel {
  /// - Parameters:
  ///   - start: what each channel of a result starts from.
  ///   - take: takes the channels of one more pixel into a result.
  ///   - finish: what becomes of the result for the window with this number.
  static func make<Number: BitwiseCopyable & Sendable>(
    _ windows: ImageWindows, _ site: Site, from start: Number,
    _ take:
      @escaping @Sendable (UnsafePointer<Number>, UnsafeMutablePointer<Number>, Int) -> Void,
    finish: @escaping @Sendable (Int, UnsafeMutablePointer<Number>, Int) -> Void
  ) -> Kernel {
    let channels = site.operands[0].shape.extents.last ?? 1
    let (count, pixels) = (windows.count, windows.pixels)
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Number.self))
      let y = Shared(results[0].pointer(to: Number.self))
      workers.split(site.results[0].elementCount / channels, grain: 64) { part in
        for place in part {
          let result = y.pointer + place * channels
          result.update(repeating: start, count: channels)
          let image = x.pointer + place / count * pixels * channels
          windows.forEachPixel(of: place % count) { pixel, _ in
            take(image + pixel * channels, result, channels)
          }
          finish(place % count, result, channels)
        }
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badExponent(_ exponent: Int) -> Self {
    Self(
      id: "bad-exponent", .malformed, "the exponent of `window_pool` is \(exponent), not positive")
  }
}
