import CKernels
import GraphIR
import Support
import Tensors

/// An image NHWC of another height and width, each element weighted from the four nearest.
///
/// Elements are `f32`, or integers quantized like the result.
public struct ResizeBilinear: ResizeOperator {
  public static let name = "resize_bilinear"
  public static let elements: [ElementType] = [.f32, .i8, .u8, .i16]
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
    try ElementChecks.elements(operands, Self.elements.map { [$0] }, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  /// Of signed integers in fixed point, of unsigned ones in single precision, as the reference kernels have it.
  public func kernel(for site: Site) throws -> Kernel {
    let sampling = sampling
    switch site.operands[0].element {
    case .i8:
      return ImageRowsKernel.make(site) { ck_resize_bilinear_i8($0, $1, sampling, $2, $3, $4, $5) }
    case .i16:
      return ImageRowsKernel.make(site) { ck_resize_bilinear_i16($0, $1, sampling, $2, $3, $4, $5) }
    case .u8:
      return ImageRowsKernel.make(site) { ck_resize_bilinear_u8($0, $1, sampling, $2, $3, $4, $5) }
    default:
      return ImageRowsKernel.make(site) { ck_resize_bilinear_f32($0, $1, sampling, $2, $3, $4, $5) }
    }
  }

  /// Four weighted elements for each element of the result.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    Example(
      ResizeBilinear(size: [1, 3], alignsCorners: true),
      [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, 3])],
      gives: [Tensor(TensorType(.f32, [1, 1, 3, 1]), numbers: [1, 2, 3])]),
    Example(
      ResizeBilinear(size: [1, 3], alignsCorners: true),
      [Tensor(TensorType(.i8, [1, 1, 2, 1], Quantization(scale: 1)), numbers: [-1, -3])],
      gives: [
        Tensor(TensorType(.i8, [1, 1, 3, 1], Quantization(scale: 1)), numbers: [-1, -2, -3])
      ]),
  ]
}
