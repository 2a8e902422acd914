import GraphIR
import Support
import Tensors

/// `y = (x − mean) / √(variance + epsilon) · scale + bias`, mean and variance over all pixels and a group of neighbouring
/// channels of one image, of `f32` or `f64` elements.
///
/// Operands: images with any number of axes between batches and channels; and scale and bias for each channel. As many groups as
/// channels make instance normalization.
///
/// ONNX: `GroupNormalization` and `InstanceNormalization`. Source: Wu, He, "Group Normalization", ECCV 2018.
public struct GroupNormalization: Operator {
  public static let name = "group_normalization"
  public static let elements: [ElementType] = [.f32, .f64]
  /// How many groups the channels are divided into.
  public var groups: Int
  /// What is added to the variance, which may be 0.
  public var epsilon: Float

  public init() { self.init(groups: 1) }

  /// - Parameters:
  ///   - groups: divides the channels.
  ///   - epsilon: not negative.
  public init(groups: Int, epsilon: Float = 1e-5) {
    self.groups = groups
    self.epsilon = epsilon
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let shape = operands[0].shape
    guard shape.rank >= 2, let channels = shape.extents.last, groups > 0, channels % groups == 0
    else { throw Diagnostic(.badGroups(groups, shape)) }
    for index in 1...2 { try ElementChecks.shape(operands, index, [channels], Self.name) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
    guard epsilon >= 0, epsilon.isFinite else { throw Diagnostic(.badEpsilon(epsilon, Self.name)) }
  }

  /// Works on groups in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f64
      ? kernel(site, of: Double.self) : kernel(site, of: Float.self)
  }

  private func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) -> Kernel {
    let shape = site.operands[0].shape
    let channels = shape[shape.rank - 1]
    let image = GroupedImage<Number>(
      pixels: shape.elementCount / shape[0] / channels, channels: channels,
      own: channels / groups, epsilon: Double(epsilon))
    return Kernel { [groups] operands, results, workers in
      let x = Shared(operands[0].pointer(to: Number.self))
      let scale = Shared(operands[1].pointer(to: Number.self))
      let bias = Shared(operands[2].pointer(to: Number.self))
      let y = Shared(results[0].pointer(to: Number.self))
      for batch in 0..<shape[0] {
        let start = batch * image.pixels * channels
        workers.split(groups, grain: max(1, 65536 / (image.pixels * image.own))) { part in
          image.normalize(
            part, x.pointer + start, scale.pointer, bias.pointer, y.pointer + start)
        }
      }
    }
  }

  /// Sum, difference, square and product.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    Example(
      GroupNormalization(groups: 1, epsilon: 3),
      [
        Tensor(TensorType(.f32, [1, 2, 2]), numbers: [1, 3, 3, 1]),
        Tensor(TensorType(.f32, [2]), numbers: [10, 100]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 2]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 2, 2]), numbers: [-4, 52, 6, -48])]),
    Example(
      GroupNormalization(groups: 2, epsilon: 0),
      [
        Tensor(TensorType(.f32, [2, 2, 2]), numbers: [1, 10, 3, 30, 2, 1, 0, 3]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 2]),
        Tensor(TensorType(.f32, [2]), numbers: [0, 1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2, 2]), numbers: [-1, -1, 1, 3, 1, -1, -1, 3])]),
    // As `f32` both elements would be 1.
    Example(
      GroupNormalization(groups: 1, epsilon: 0),
      [
        Tensor(TensorType(.f64, [1, 2, 1]), numbers: [1, 1 + 0x1p-40]),
        Tensor(TensorType(.f64, [1]), numbers: [1]),
        Tensor(TensorType(.f64, [1]), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.f64, [1, 2, 1]), numbers: [-1, 1])]),
  ]
}

/// An image whose channels are normalized group by group.
private struct GroupedImage<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>: Sendable {
  let pixels: Int
  let channels: Int
  /// The channels of a group.
  let own: Int
  let epsilon: Double

  /// Normalizes some groups, going through the image pixel by pixel: once for means, once for variances, and once for the result.
  func normalize(
    _ groups: Range<Int>, _ x: UnsafePointer<Number>, _ scale: UnsafePointer<Number>,
    _ bias: UnsafePointer<Number>, _ y: UnsafeMutablePointer<Number>
  ) {
    let part = groups.lowerBound * own..<groups.upperBound * own
    let means = means(part) { sums, pixel in
      let row = x + pixel * channels
      for (index, channel) in part.enumerated() { sums[index] += row[channel] }
    }
    let centers = means.map { Number($0) }
    let variances = self.means(part) { sums, pixel in
      let row = x + pixel * channels
      for (index, channel) in part.enumerated() {
        let difference = row[channel] - centers[index]
        sums[index] += difference * difference
      }
    }
    let factors = variances.map { Number(1 / ($0 + epsilon).squareRoot()) }
    for pixel in 0..<pixels {
      let (from, to) = (x + pixel * channels, y + pixel * channels)
      for (index, channel) in part.enumerated() {
        to[channel] =
          (from[channel] - centers[index]) * factors[index] * scale[channel] + bias[channel]
      }
    }
  }

  /// For each channel the mean over its group of what `add` adds up: in the elements' precision over a few pixels, then
  /// in double.
  private func means(
    _ part: Range<Int>, _ add: (UnsafeMutablePointer<Number>, Int) -> Void
  ) -> [Double] {
    var totals = [Double](repeating: 0, count: part.count)
    var sums = [Number](repeating: 0, count: part.count)
    for start in stride(from: 0, to: pixels, by: 32) {
      sums.withUnsafeMutableBufferPointer { sums in
        guard let base = sums.baseAddress else { return }
        base.update(repeating: 0, count: part.count)
        for pixel in start..<min(start + 32, pixels) { add(base, pixel) }
      }
      for index in totals.indices { totals[index] += Double(sums[index]) }
    }
    return stride(from: 0, to: part.count, by: own).flatMap { group in
      let sum = totals[group..<group + own].reduce(0, +)
      return Array(repeating: sum / Double(own * pixels), count: own)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func badGroups(_ groups: Int, _ shape: Shape) -> Self {
    Self(
      id: "bad-groups", .malformed,
      "`group_normalization` cannot divide the channels of \(shape) into \(groups) groups")
  }
}
