import CKernels
import GraphIR
import Support
import Tensors

/// The root of the mean square of the elements of each window that lie inside the image, which is NHWC and of `f32` elements.
public struct L2Pool2D: Operator {
  public static let name = "l2_pool2d"
  /// Height and width of the window.
  public var kernel: [Int]
  /// Height and width by which the window moves; positive.
  public var stride: [Int]
  /// Elements outside of the image take no part in a mean.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(kernel: [1, 1]) }

  /// - Parameters:
  ///   - kernel, stride: height and width, both positive; `resultTypes` refuses others.
  ///   - clamp: of the root.
  public init(
    kernel: [Int], stride: [Int] = [1, 1], padding: Padding = .valid, clamp: Clamp = .none
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.clamp = clamp
  }

  /// `[b, h, w, c]` with height and width from the window and all else from the image.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    try ElementChecks.rank(operands, 0, 4, Self.name)
    let (image, output) = (operands[0].shape, try window(operands).output)
    return [TensorType(operands[0].element, [image[0], output.height, output.width, image[3]])]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  private func window(_ operands: [TensorType]) throws -> Window {
    try Window(
      over: Array(operands[0].shape.extents[1...2]), kernel: kernel, stride: stride,
      padding: padding, kind: Self.name)
  }

  /// Works on rows of the result in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let window = try window(site.operands).kernelForm
    let range = clamp.floatRange
    return ImageRowsKernel.make(site) {
      ck_l2_pool_f32($0, $1, window, range.lower, range.upper, $2, $3, $4, $5)
    }
  }

  /// `elements of the result · kernel height · kernel width`, those that padding takes up included.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(results[0].elementCount, kernel[0], kernel[1]))
  }

  /// As of other pools.
  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(kernel: kernel, stride: stride)
  }

  public static let examples = [
    Example(
      L2Pool2D(kernel: [2, 2]),
      [Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 3, -5, 1])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [3])]),
    Example(
      L2Pool2D(kernel: [1, 2], padding: .same, clamp: .relu6),
      [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [1, -7])],
      gives: [Tensor(TensorType(.f32, [1, 1, 2, 1]), numbers: [5, 6])]),
  ]
}
