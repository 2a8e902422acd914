import GraphIR
import Support
import Tensors

/// An image NHWC of another height and width, each element weighted from the four nearest, of `f32` elements.
public struct ResizeBilinear: Operator {
  public static let name = "resize_bilinear"
  /// The new height and width.
  public var size: [Int]
  /// Whether the centers of the corner pixels stay where they are.
  public var alignsCorners: Bool
  /// Whether pixels are areas, with their centers half a pixel from their edges.
  public var usesHalfPixelCenters: Bool

  public init() { self.init(size: [1, 1]) }

  /// - Parameters:
  ///   - size: height and width, both positive.
  ///   - alignsCorners, usesHalfPixelCenters: at most one of them.
  public init(size: [Int], alignsCorners: Bool = false, usesHalfPixelCenters: Bool = false) {
    self.size = size
    self.alignsCorners = alignsCorners
    self.usesHalfPixelCenters = usesHalfPixelCenters
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let image = operands[0].shape
    guard size.count == 2, !(alignsCorners && usesHalfPixelCenters),
      let shape = Shape(checking: [image[0]] + size + [image[3]])
    else { throw Diagnostic(.badResize(size)) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (from, to) = (site.operands[0].shape, site.results[0].shape)
    let rows = (0..<to[1]).map { source($0, from[1], to[1]) }
    let columns = (0..<to[2]).map { source($0, from[2], to[2]) }
    let (strides, depth) = (from.strides, from[3])
    return Kernel { operands, results, _ in
      let x = operands[0].pointer(to: Float.self)
      var y = results[0].pointer(to: Float.self)
      for batch in 0..<to[0] {
        for row in rows {
          for column in columns {
            let base = x + batch * strides[0]
            let upper = (base + row.lower * strides[1], base + row.upper * strides[1])
            let offsets = (column.lower * depth, column.upper * depth)
            for channel in 0..<depth {
              y[channel] =
                upper.0[offsets.0 + channel] * (1 - row.share) * (1 - column.share)
                + upper.1[offsets.0 + channel] * row.share * (1 - column.share)
                + upper.0[offsets.1 + channel] * (1 - row.share) * column.share
                + upper.1[offsets.1 + channel] * row.share * column.share
            }
            y += depth
          }
        }
      }
    }
  }

  /// The two nearest indices of the operand, and the share of the upper one.
  ///
  /// Source: `ComputeInterpolationValues` of the TFLite reference kernels.
  private func source(_ index: Int, _ from: Int, _ to: Int) -> (
    lower: Int, upper: Int, share: Float
  ) {
    let scale = alignsCorners && to > 1 ? Float(from - 1) / Float(to - 1) : Float(from) / Float(to)
    let place =
      usesHalfPixelCenters ? (Float(index) + 0.5) * scale - 0.5 : Float(index) * scale
    let lower = max(Int(place.rounded(.down)), 0)
    return (lower, min(Int(place.rounded(.up)), from - 1), place - Float(lower))
  }

  /// Four weighted elements for each element of the result.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    Example(
      ResizeBilinear(size: [1, 3], alignsCorners: true),
      [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, 3])],
      gives: [Tensor(TensorType(.f32, [1, 1, 3, 1]), numbers: [1, 2, 3])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badResize(_ size: [Int]) -> Self {
    Self(id: "bad-resize", .malformed, "`resize_bilinear` to \(size) cannot be")
  }
}
