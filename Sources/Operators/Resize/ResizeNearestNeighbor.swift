import CKernels
import GraphIR
import Support
import Tensors

/// An image NHWC of another height and width, each element that of the nearest pixel.
public struct ResizeNearestNeighbor: ResizeOperator {
  public static let name = "resize_nearest_neighbor"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
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

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (sampling, width) = (sampling, Int32(site.operands[0].element.bitWidth / 8))
    return ImageRowsKernel.make(site) { (x: UnsafePointer<UInt8>, input, y, output, begin, end) in
      ck_resize_nearest_neighbor(x, width, input, sampling, y, output, begin, end)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      ResizeNearestNeighbor(size: [1, 3]),
      [Tensor(TensorType(.i16, [1, 1, 2, 1]), numbers: [1, 3])],
      gives: [Tensor(TensorType(.i16, [1, 1, 3, 1]), numbers: [1, 1, 3])])
  ]
}
