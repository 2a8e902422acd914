import CKernels
import GraphIR
import Support
import Tensors

/// An image NHWC of another height and width: what its kinds share.
public protocol ResizeOperator: Operator {
  /// The new height and width.
  var size: [Int] { get }
  /// Whether the centers of the corner pixels stay where they are.
  var alignsCorners: Bool { get }
  /// Whether pixels are areas, with their centers half a pixel from their edges.
  var usesHalfPixelCenters: Bool { get }
}

extension ResizeOperator {
  /// The image's batches and channels with the new height and width.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let image = operands[0].shape
    guard size.count == 2, !(alignsCorners && usesHalfPixelCenters),
      let shape = Shape(checkingPositive: [image[0]] + size + [image[3]])
    else { throw Diagnostic(.badResize(Self.name, size)) }
    return [TensorType(operands[0].element, shape)]
  }

  /// Which position of the image a pixel of the result stands for.
  var sampling: ck_sampling {
    if alignsCorners { return ck_sampling_align_corners }
    return usesHalfPixelCenters ? ck_sampling_half_pixel_centers : ck_sampling_asymmetric
  }
}

extension Diagnostic.Message {
  fileprivate static func badResize(_ kind: String, _ size: [Int]) -> Self {
    Self(id: "bad-resize", .malformed, "`\(kind)` to \(size) cannot be")
  }
}
