import GraphIR
import Support
import Tensors

/// How elements between those of an image are made.
public enum GridMethod: String, Hashable, Sendable, Codable {
  /// The nearest element, of equally near ones that with an even index.
  case nearest
  /// The two next to the position along each axis, by their distance.
  case linear
  /// The four next to it along each axis, by Keys' cubic convolution with `a = −¾`.
  case cubic
}

/// What stands for positions outside of an image.
public enum GridPadding: String, Hashable, Sendable, Codable {
  /// Zeros.
  case zeros
  /// The outermost elements.
  case border
  /// The image mirrored at its borders, again and again.
  case reflection
}

/// Images sampled where a grid says, from −1 at the one border of an axis to 1 at the other.
///
/// Operands, both of `f32`: images with any number of axes between batches and channels; and a grid `[batch, …, axes]`
/// whose last axis holds positions along the images' axes, the last one first.
///
/// ONNX: `GridSample`. Source: Jaderberg et al., "Spatial Transformer Networks", NIPS 2015.
public struct GridSample: Operator {
  public static let name = "grid_sample"
  /// How elements between those of the images are made.
  public var method: GridMethod
  /// What stands for positions outside.
  public var padding: GridPadding
  /// Whether −1 and 1 are the centers of the outermost elements, not their edges.
  public var alignsCorners: Bool

  public init() { self.init(method: .linear) }

  /// - Parameters:
  ///   - method: along all axes.
  ///   - padding: of the images.
  ///   - alignsCorners: also decides where images are mirrored.
  public init(method: GridMethod, padding: GridPadding = .zeros, alignsCorners: Bool = false) {
    self.method = method
    self.padding = padding
    self.alignsCorners = alignsCorners
  }

  /// The grid's extents but the last, then the images' channels.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (images, grid) = (operands[0].shape, operands[1].shape)
    guard (3...5).contains(images.rank), grid.rank == images.rank, grid[0] == images[0],
      grid[grid.rank - 1] == images.rank - 2
    else { throw Diagnostic(.badGrid(images, grid)) }
    return [
      TensorType(
        operands[0].element, Shape(grid.extents.dropLast() + images.extents.suffix(1)))
    ]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32]], Self.name)
  }

  /// Works on places of the grid in parallel, on all channels of one at once.
  public func kernel(for site: Site) throws -> Kernel {
    let (images, grid) = (site.operands[0].shape, site.operands[1].shape)
    let channels = images[images.rank - 1]
    let axes = images.extents.dropFirst().dropLast().map { GridAxis(self, extent: $0) }
    let pixels = axes.reduce(1) { $0 * $1.extent }
    let places = grid.elementCount / axes.count
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let positions = Shared(operands[1].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(places, grain: 256) { part in
        for place in part {
          let position = positions.pointer + place * axes.count
          let taps = axes.indices.map { axes[$0].taps(position[axes.count - 1 - $0]) }
          let image = x.pointer + place / (places / images[0]) * pixels * channels
          let result = y.pointer + place * channels
          result.update(repeating: 0, count: channels)
          Self.add(taps[...], axes[...], image, pixel: 0, weight: 1, channels, to: result)
        }
      }
    }
  }

  /// Adds the weighted pixels that the taps along the remaining axes lead to.
  private static func add(
    _ taps: ArraySlice<[GridAxis.Tap]>, _ axes: ArraySlice<GridAxis>,
    _ image: UnsafePointer<Float>, pixel: Int, weight: Float, _ channels: Int,
    to y: UnsafeMutablePointer<Float>
  ) {
    guard let axis = axes.first, let along = taps.first else {
      let from = image + pixel * channels
      for channel in 0..<channels { y[channel] += weight * from[channel] }
      return
    }
    for tap in along {
      add(
        taps.dropFirst(), axes.dropFirst(), image, pixel: pixel * axis.extent + tap.index,
        weight: weight * tap.weight, channels, to: y)
    }
  }

  /// The weighted elements for each of the result.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let width = method == .nearest ? 1 : method == .linear ? 2 : 4
    let taps = (2..<max(2, operands[0].shape.rank)).reduce(1) { taps, _ in taps * width }
    return Work(elementOperations: Work.product(taps, results[0].elementCount))
  }

  public static let examples = [
    // Half-way between all four, and half outside.
    Example(
      GridSample(method: .linear),
      [
        Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.f32, [1, 1, 2, 2]), numbers: [0, 0, 1, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [2.5, 1.5])]),
    Example(
      GridSample(method: .nearest, padding: .reflection, alignsCorners: true),
      [
        Tensor(TensorType(.f32, [1, 3, 1]), numbers: [1, 2, 3]),
        Tensor(TensorType(.f32, [1, 3, 1]), numbers: [0, 2, -3]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 3, 1]), numbers: [2, 2, 3])]),
    // Keys' weights half-way are −3/32, 19/32, 19/32 and −3/32; the outer ones meet the borders.
    Example(
      GridSample(method: .cubic, padding: .border),
      [
        Tensor(TensorType(.f32, [1, 2, 1]), numbers: [0, 32]),
        Tensor(TensorType(.f32, [1, 1, 1]), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1]), numbers: [16])]),
  ]
}

/// One axis of the images that a grid samples.
struct GridAxis: Sendable {
  /// An element and its weight.
  typealias Tap = (index: Int, weight: Float)

  let extent: Int
  private let sample: GridSample
  /// Where the axis is mirrored.
  private let border: ClosedRange<Float>

  init(_ sample: GridSample, extent: Int) {
    self.sample = sample
    self.extent = extent
    let last = Float(extent) - 1
    border = sample.alignsCorners ? 0...last : -0.5...last + 0.5
  }

  /// The elements around a place of the grid that are inside, or stand for such outside.
  func taps(_ place: Float) -> [Tap] {
    switch sample.method {
    case .nearest:
      return [(Int(padded(position(place).rounded(.toNearestOrEven))), 1)].compactMap(inside)
    case .linear:
      let position = padded(position(place))
      let low = position.rounded(.down)
      return [(Int(low), 1 - (position - low)), (Int(low) + 1, position - low)].compactMap(inside)
    case .cubic:
      // Elements are brought inside one by one, so that weights stay what they are.
      let position = position(place)
      let low = position.rounded(.down)
      return (-1...2).map { (Int(low) + $0, Self.cubic(position - low - Float($0))) }
        .compactMap(inside)
    }
  }

  /// Within 2²⁴ of 0; what is no number is far outside.
  private func position(_ place: Float) -> Float {
    let position =
      sample.alignsCorners
      ? (place + 1) / 2 * Float(extent - 1) : ((place + 1) * Float(extent) - 1) / 2
    return position.isNaN ? -0x1p24 : min(max(position, -0x1p24), 0x1p24)
  }

  /// A position outside brought inside, if padding says so.
  private func padded(_ position: Float) -> Float {
    guard !border.contains(position) else { return position }
    switch sample.padding {
    case .zeros: return position
    case .border: return min(max(position, 0), Float(extent - 1))
    case .reflection: return reflected(position)
    }
  }

  private func reflected(_ position: Float) -> Float {
    let length = border.upperBound - border.lowerBound
    guard length > 0, !border.contains(position) else { return min(position, border.upperBound) }
    let isBelow = position < border.lowerBound
    let distance = isBelow ? border.lowerBound - position : position - border.upperBound
    let times = (distance / length).rounded(.towardZero)
    let rest = distance - times * length
    let comesFromBelow = (Int(times) % 2 == 0) == isBelow
    return comesFromBelow ? border.lowerBound + rest : border.upperBound - rest
  }

  /// The element that stands for one outside; nil for a zero.
  private func inside(_ tap: Tap) -> Tap? {
    if (0..<extent).contains(tap.index) { return tap }
    switch sample.padding {
    case .zeros: return nil
    case .border: return (min(max(tap.index, 0), extent - 1), tap.weight)
    case .reflection:
      return (min(max(Int(reflected(Float(tap.index))), 0), extent - 1), tap.weight)
    }
  }

  /// Keys' cubic convolution kernel.
  private static func cubic(_ distance: Float) -> Float {
    let (x, a) = (abs(distance), Float(-0.75))
    return x <= 1
      ? ((a + 2) * x - (a + 3)) * x * x + 1 : ((a * x - 5 * a) * x + 8 * a) * x - 4 * a
  }
}

extension Diagnostic.Message {
  fileprivate static func badGrid(_ images: Shape, _ grid: Shape) -> Self {
    Self(
      id: "bad-grid", .malformed,
      "`grid_sample` of images of shape \(images) cannot have a grid of shape \(grid)")
  }
}
