import GraphIR
import Support
import Tensors

/// Regions of images NHWC, each brought to one height and width: every element is the mean, or the largest, of samples that are
/// weighted from the four nearest pixels.
///
/// Operands: images and regions `[count, 4]` as left, top, right and bottom, both of `f32`; and the number of the image for each
/// region, of `i32` or `i64`, one outside being taken for the nearest inside.
///
/// ONNX: `RoiAlign`. Source: He, Gkioxari, Dollár, Girshick, "Mask R-CNN", ICCV 2017.
public struct RoiAlign: Operator {
  public static let name = "roi_align"
  /// Height and width of the result.
  public var size: [Int]
  /// By how much regions are scaled to pixels of the images.
  public var scale: Float
  /// How many samples an element of the result has along height and along width; 0 for as many as there are pixels.
  public var samples: Int
  /// Whether centers of pixels lie half a pixel from their edges; regions may then be smaller than a pixel.
  public var usesHalfPixelCenters: Bool
  /// Whether the largest weighted pixel counts, not the mean.
  public var takesMaximum: Bool

  public init() { self.init(size: [1, 1]) }

  /// - Parameters:
  ///   - size: height and width, both positive.
  ///   - scale: finite.
  ///   - samples: from 0 to 1024.
  ///   - usesHalfPixelCenters: else coordinates are those of pixels.
  ///   - takesMaximum: of the samples' weighted pixels, not of their sums.
  public init(
    size: [Int], scale: Float = 1, samples: Int = 0, usesHalfPixelCenters: Bool = true,
    takesMaximum: Bool = false
  ) {
    self.size = size
    self.scale = scale
    self.samples = samples
    self.usesHalfPixelCenters = usesHalfPixelCenters
    self.takesMaximum = takesMaximum
  }

  /// `[regions, height, width, channels]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    try ElementChecks.rank(operands, 1, 2, Self.name)
    let count = operands[1].shape[0]
    try ElementChecks.shape(operands, 1, [count, 4], Self.name)
    try ElementChecks.shape(operands, 2, [count], Self.name)
    guard size.count == 2, (0...1024).contains(samples), scale.isFinite,
      let shape = Shape(checkingPositive: [count] + size + [operands[0].shape[3]])
    else { throw Diagnostic(.badRegions(size, samples)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(Array(operands.prefix(2)), [[.f32, .f32]], Self.name)
    try ElementChecks.indices(operands, 2, Self.name)
  }

  /// Works on elements of the result in parallel, on all their channels at once.
  public func kernel(for site: Site) throws -> Kernel {
    let (images, size) = (site.operands[0].shape, Spatial(size))
    let reader = IndexReader(site.operands[2])
    let count = site.operands[1].shape[0] * size.product
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let regions = Shared(operands[1].pointer(to: Float.self))
      let numbers = Shared(operands[2])
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(count, grain: 16) { part in
        for place in part {
          let (region, bin) = (place / size.product, place % size.product)
          let number = reader.index(numbers.pointer, at: region, among: images[0])
          let image = x.pointer + number * images[1] * images[2] * images[3]
          reduce(
            image, images, bins(regions.pointer + 4 * region, images), bin,
            y.pointer + place * images[3])
        }
      }
    }
  }

  /// The samples of a region along height and width.
  private func bins(_ region: UnsafePointer<Float>, _ images: Shape) -> [RegionBins] {
    (0..<2).map { axis in
      RegionBins(
        from: region[1 - axis], to: region[3 - axis], scale: scale, bins: size[axis],
        samples: samples, pixels: images[1 + axis], usesHalfPixelCenters: usesHalfPixelCenters)
    }
  }

  private func reduce(
    _ image: UnsafePointer<Float>, _ images: Shape, _ axes: [RegionBins], _ bin: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    let channels = images[3]
    let rows = axes[0].taps(bin / size[1])
    let columns = axes[1].taps(bin % size[1])
    let count = Float(max(1, axes[0].samples * axes[1].samples))
    let isEmpty = rows.isEmpty || columns.isEmpty
    y.update(repeating: takesMaximum && !isEmpty ? -.infinity : 0, count: channels)
    for row in rows {
      for column in columns {
        let pixel = image + (row.index * images[2] + column.index) * channels
        let weight = row.weight * column.weight
        if takesMaximum {
          for channel in 0..<channels { y[channel] = max(y[channel], weight * pixel[channel]) }
        } else {
          for channel in 0..<channels { y[channel] += weight * pixel[channel] / count }
        }
      }
    }
  }

  /// Four weighted pixels for each sample; for one of each if their number depends on the regions.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let count = max(1, samples)
    return Work(elementOperations: Work.product(4, count, count, results[0].elementCount))
  }

  public static let examples = [
    // Samples lie in columns 0.5 and 1.5, and in rows 0.25 and 0.75: (0.5 + 1.5) / 2 + 3 · (0.25 + 0.75) / 2.
    Example(
      RoiAlign(size: [1, 1], samples: 2, usesHalfPixelCenters: false),
      [
        Tensor(TensorType(.f32, [1, 2, 3, 1]), numbers: [0, 1, 2, 3, 4, 5]),
        Tensor(TensorType(.f32, [1, 4]), numbers: [0, 0, 2, 1]),
        Tensor(TensorType(.i64, [1]), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [2.5])])
  ]
}

/// Where the samples of a region lie along one axis.
private struct RegionBins {
  /// How many samples a bin has.
  let samples: Int
  private let start: Float
  private let bin: Float
  private let pixels: Int

  init(
    from begin: Float, to end: Float, scale: Float, bins: Int, samples: Int, pixels: Int,
    usesHalfPixelCenters: Bool
  ) {
    let offset: Float = usesHalfPixelCenters ? 0.5 : 0
    start = begin * scale - offset
    let length = end * scale - offset - start
    bin = (usesHalfPixelCenters ? length : max(length, 1)) / Float(bins)
    self.pixels = pixels
    // A region that reaches far beyond the image asks for no more samples than make sense.
    let adaptive = bin.isFinite ? Int(min(max(bin.rounded(.up), 0), 1024)) : 0
    self.samples = samples > 0 ? samples : adaptive
  }

  /// The pixels that the samples of a bin are weighted from, two for each sample inside of the image.
  func taps(_ number: Int) -> [(index: Int, weight: Float)] {
    (0..<samples).flatMap { sample -> [(index: Int, weight: Float)] in
      let position =
        start + Float(number) * bin + (Float(sample) + 0.5) * bin / Float(samples)
      guard position >= -1, position <= Float(pixels) else { return [(0, 0), (0, 0)] }
      let inside = min(max(position, 0), Float(pixels - 1))
      let low = min(Int(inside), pixels - 1)
      let part = inside - Float(low)
      return [(low, 1 - part), (min(low + 1, pixels - 1), part)]
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badRegions(_ size: [Int], _ samples: Int) -> Self {
    Self(
      id: "bad-regions", .malformed,
      "`roi_align` to \(size) with \(samples) samples along each axis cannot be")
  }
}
