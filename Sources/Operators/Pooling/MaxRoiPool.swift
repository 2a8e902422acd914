import GraphIR
import Support
import Tensors

/// Regions of images NHWC, each divided into bins of which the largest element counts; 0 where a bin has no pixel.
///
/// Operands, both of `f32`: images, and regions `[count, 5]` as the image's number, left, top, right and bottom, the last two
/// included.
///
/// ONNX: `MaxRoiPool`. Source: Girshick, "Fast R-CNN", ICCV 2015.
public struct MaxRoiPool: Operator {
  public static let name = "max_roi_pool"
  /// Height and width of the result.
  public var size: [Int]
  /// By how much regions are scaled to pixels of the images.
  public var scale: Float

  public init() { self.init(size: [1, 1]) }

  /// - Parameters:
  ///   - size: height and width, both positive.
  ///   - scale: finite.
  public init(size: [Int], scale: Float = 1) {
    self.size = size
    self.scale = scale
  }

  /// `[regions, height, width, channels]`.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    try ElementChecks.rank(operands, 1, 2, Self.name)
    let count = operands[1].shape[0]
    try ElementChecks.shape(operands, 1, [count, 5], Self.name)
    guard size.count == 2, scale.isFinite,
      let shape = Shape(checkingPositive: [count] + size + [operands[0].shape[3]])
    else { throw Diagnostic(.badRegions(size)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32]], Self.name)
  }

  /// Works on elements of the result in parallel, on all their channels at once.
  public func kernel(for site: Site) throws -> Kernel {
    let (images, size) = (site.operands[0].shape, Spatial(size))
    let count = site.operands[1].shape[0] * size.product
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let regions = Shared(operands[1].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(count, grain: 16) { part in
        for place in part {
          let region = regions.pointer + 5 * (place / size.product)
          let number = min(max(Self.pixel(region[0]), 0), images[0] - 1)
          reduce(
            x.pointer + number * images[1] * images[2] * images[3], images, region + 1,
            place % size.product, y.pointer + place * images[3])
        }
      }
    }
  }

  private func reduce(
    _ image: UnsafePointer<Float>, _ images: Shape, _ region: UnsafePointer<Float>, _ bin: Int,
    _ y: UnsafeMutablePointer<Float>
  ) {
    let channels = images[3]
    let rows = bounds(bin / size[1], 0, region, images)
    let columns = bounds(bin % size[1], 1, region, images)
    y.update(
      repeating: rows.isEmpty || columns.isEmpty ? 0 : -.infinity, count: channels)
    for row in rows {
      for column in columns {
        let pixel = image + (row * images[2] + column) * channels
        for channel in 0..<channels { y[channel] = max(y[channel], pixel[channel]) }
      }
    }
  }

  /// The pixels of a bin along an axis.
  private func bounds(
    _ bin: Int, _ axis: Int, _ region: UnsafePointer<Float>, _ images: Shape
  ) -> Range<Int> {
    let (begin, end) = (Self.pixel(region[1 - axis] * scale), Self.pixel(region[3 - axis] * scale))
    let step = Float(max(end - begin + 1, 1)) / Float(size[axis])
    let extent = images[1 + axis]
    func inside(_ position: Float) -> Int { min(max(Self.pixel(position) + begin, 0), extent) }
    let first = inside((Float(bin) * step).rounded(.down))
    return first..<max(first, inside((Float(bin + 1) * step).rounded(.up)))
  }

  /// The nearest pixel, within what can be meant.
  private static func pixel(_ position: Float) -> Int {
    position.isNaN ? 0 : Int(min(max(position.rounded(.toNearestOrAwayFromZero), -0x1p30), 0x1p30))
  }

  /// One operation for each element of the images, which is as much as one region can ask for, and each region.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    let (images, regions) = (operands[0].shape, operands[1].shape[0])
    return Work(elementOperations: Work.product(images[1], images[2], images[3], regions))
  }

  public static let examples = [
    Example(
      MaxRoiPool(size: [1, 2]),
      [
        Tensor(TensorType(.f32, [1, 2, 3, 1]), numbers: [0, 1, 2, 3, 4, 5]),
        Tensor(TensorType(.f32, [1, 5]), numbers: [0, 0, 0, 1, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [3, 4])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badRegions(_ size: [Int]) -> Self {
    Self(id: "bad-regions", .malformed, "`max_roi_pool` to \(size) cannot be")
  }
}
