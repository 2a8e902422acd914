import Foundation
import GraphIR
import Support
import Tensors

/// A tensor of other extents, sampled along each axis by itself.
///
/// The nearest element is taken of all types of whole bytes, others are weighted in `f32`. `ResizeBilinear` and
/// `ResizeNearestNeighbor` have TFLite's arithmetic.
///
/// ONNX: `Resize` and `Upsample`.
public struct Resize: Operator {
  public static let name = "resize"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The extents of the result.
  public var size: [Int]
  /// By how much each axis grows, which need not be the exact ratio of extents.
  public var scales: [Float]
  /// Which elements count, and how much.
  public var method: ResizeMethod
  /// Which position of the operand an element of the result stands for.
  public var coordinates: ResizeCoordinates
  /// Which element is nearest.
  public var rounding: ResizeRounding
  /// Of `cropAndResize`, where each axis begins and then where each ends, 0 being the first element and 1 the last.
  public var region: [Float]
  /// The coefficient `a` of cubic weights.
  public var cubicCoefficient: Float
  /// Whether elements outside of the operand have no weight; else the outermost stand for them.
  public var excludesOutside: Bool
  /// Whether weights reach as far as elements of the result lie apart, where an axis shrinks.
  public var antialiases: Bool
  /// Of `cropAndResize`, what stands for positions outside of the operand.
  public var extrapolation: Float

  public init() { self.init(size: [], scales: [], method: .nearest) }

  /// - Parameters:
  ///   - size, scales: a positive number for each axis.
  ///   - rounding: of `nearest` alone.
  ///   - region: two numbers for each axis, or none.
  ///   - cubicCoefficient: of `cubic` alone.
  ///   - excludesOutside, antialiases: of `linear` and `cubic`.
  ///   - extrapolation: is stored as the result's element type has it.
  public init(
    size: [Int], scales: [Float], method: ResizeMethod,
    coordinates: ResizeCoordinates = .halfPixel, rounding: ResizeRounding = .preferFloor,
    region: [Float] = [], cubicCoefficient: Float = -0.75, excludesOutside: Bool = false,
    antialiases: Bool = false, extrapolation: Float = 0
  ) {
    self.size = size
    self.scales = scales
    self.method = method
    self.coordinates = coordinates
    self.rounding = rounding
    self.region = region
    self.cubicCoefficient = cubicCoefficient
    self.excludesOutside = excludesOutside
    self.antialiases = antialiases
    self.extrapolation = extrapolation
  }

  /// `size`, if all that is said of axes is said of each.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let x = operands[0]
    let numbers = scales + region + [cubicCoefficient, extrapolation]
    guard [size.count, scales.count].allSatisfy({ $0 == x.shape.rank }),
      let shape = Shape(checking: size), size.allSatisfy({ $0 < 1 << 24 }),
      scales.allSatisfy({ (1e-6...1e6).contains($0) }), numbers.allSatisfy(\.isFinite),
      region.count == (coordinates == .cropAndResize ? 2 * x.shape.rank : 0)
    else { throw Diagnostic(.badResize(size, scales, x.shape)) }
    return [x.moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
    if method != .nearest { try ElementChecks.elements(operands, [[.f32]], Self.name) }
  }

  /// Goes axis by axis, those that shrink the most first.
  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let width = site.operands[0].element.bitWidth / 8
    let border = Pad.stored(extrapolation, as: site.results[0])
    let samples = shape.extents.indices.map { axis in AxisSamples(self, axis, shape[axis]) }
    let order = samples.indices.filter { !samples[$0].isIdentity }.sorted {
      Double(size[$0]) / Double(shape[$0]) < Double(size[$1]) / Double(shape[$1])
    }
    return Kernel { operands, results, workers in
      let passes = ResizePasses(workers, elementBytes: method == .nearest ? width : nil)
      passes.run(operands[0], shape, order.map { ($0, samples[$0]) }, into: results[0])
      for axis in order where !samples[axis].outside.isEmpty {
        passes.fill(results[0], site.results[0].shape, axis, samples[axis].outside, border)
      }
    }
  }

  /// The weighted elements of one axis after another, as if each were computed from the operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    guard method != .nearest else { return Work() }
    let axes = zip(operands[0].shape.extents, size).count { $0 != $1 }
    let taps = method == .linear ? 2 : 4
    return Work(elementOperations: Work.product(taps, axes, results[0].elementCount))
  }

  public static let examples = [
    Example(
      Resize(size: [1, 4, 1], scales: [1, 2, 1], method: .linear),
      [Tensor(TensorType(.f32, [1, 2, 1]), numbers: [1, 3])],
      gives: [Tensor(TensorType(.f32, [1, 4, 1]), numbers: [1, 1.5, 2.5, 3])]),
    // Keys' weights half-way are −3/32, 19/32, 19/32 and −3/32.
    Example(
      Resize(size: [1, 2], scales: [1, 0.5], method: .cubic),
      [Tensor(TensorType(.f32, [1, 4]), numbers: [0, 32, 64, 128])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [13, 99])]),
    // Weights in proportions 1, 3, 3 and 1, of which the outer ones fall outside and go to their neighbours.
    Example(
      Resize(size: [1], scales: [0.5], method: .linear, antialiases: true),
      [Tensor(TensorType(.f32, [2]), numbers: [8, 16])],
      gives: [Tensor(TensorType(.f32, [1]), numbers: [12])]),
    Example(
      Resize(
        size: [3], scales: [1.5], method: .nearest, coordinates: .cropAndResize,
        region: [0.5, 1.5], extrapolation: 9),
      [Tensor(TensorType(.i16, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.i16, [3]), numbers: [2, 3, 9])]),
  ]
}

/// Which elements count for one of the result, and how much.
public enum ResizeMethod: String, Hashable, Sendable, Codable {
  /// The nearest, which takes all.
  case nearest
  /// The two next to the position, by their distance.
  case linear
  /// The four next to it, by Keys' cubic convolution.
  case cubic
}

/// Which position `x` of the operand index `i` of the result stands for, `s` being the scale and `n` and `m` the old and
/// the new extent.
public enum ResizeCoordinates: String, Hashable, Sendable, Codable {
  /// `x = i / s`.
  case asymmetric
  /// `x = (i + ½) / s − ½`.
  case halfPixel
  /// As `halfPixel`, with the middle of the operand in the middle of the result where `m` is not `n · s`.
  case halfPixelSymmetric
  /// As `halfPixel`, but 0 where the result has one element.
  case pytorchHalfPixel
  /// `x = (i + ½) / s`.
  case halfPixelForNearest
  /// `x = i · (n − 1) / (m − 1)`.
  case alignCorners
  /// From the beginning of a region to its end.
  case cropAndResize
}

/// Which element is nearest to a position.
public enum ResizeRounding: String, Hashable, Sendable, Codable {
  /// The lower of two equally near ones.
  case preferFloor
  /// The upper of two equally near ones.
  case preferCeil
  /// The one below.
  case floor
  /// The one above.
  case ceil
  /// The one below where an axis grows, the one above where it shrinks.
  case ceilWhereShrinking
}

extension Diagnostic.Message {
  fileprivate static func badResize(_ size: [Int], _ scales: [Float], _ shape: Shape) -> Self {
    Self(
      id: "bad-resize", .malformed,
      "`resize` of shape \(shape) to \(size) by scales of \(scales) cannot be")
  }
}
