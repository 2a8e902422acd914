import CKernels
import GraphIR
import Support
import Tensors

/// The mean of the elements of each window that lie inside the image.
///
/// The operand is an image NHWC, `f32` or `i8`; operand and result are quantized alike.
public struct AveragePool2D: Operator {
  public static let name = "average_pool2d"
  /// Height and width of the window.
  public var kernel: [Int]
  public var stride: [Int]
  public var padding: Padding
  public var clamp: Clamp

  public init() { self.init(kernel: [1, 1]) }

  public init(
    kernel: [Int], stride: [Int] = [1, 1], padding: Padding = .valid, clamp: Clamp = .none
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.clamp = clamp
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try Pooling.resultTypes(operands, Self.name) { try window(operands) }
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try Pooling.check(operands, results, Self.name)
  }

  /// The window that slides over the image.
  public func window(_ operands: [TensorType]) throws -> Window {
    try Window(
      over: Array(operands[0].shape.extents[1...2]), kernel: kernel, stride: stride,
      padding: padding, kind: Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let window = try window(site.operands).kernelForm
    guard site.operands[0].element == .i8 else {
      let range = clamp.floatRange
      return Pooling.kernel(site, lower: range.lower, upper: range.upper) {
        ck_average_pool_f32($0, $1, window, $2, $3, $4, $5, $6, $7)
      }
    }
    let range = clamp.storedRange(of: site.results[0])
    return Pooling.kernel(site, lower: range.lower, upper: range.upper) {
      ck_average_pool_i8($0, $1, window, $2, $3, $4, $5, $6, $7)
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(results[0].elementCount, kernel[0], kernel[1]))
  }

  public func measures(_ operands: [TensorType]) -> OperatorMeasures {
    OperatorMeasures(kernel: kernel, stride: stride)
  }

  public static let examples = [
    Example(
      AveragePool2D(kernel: [2, 2]),
      [Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [2.75])]),
    Example(
      AveragePool2D(kernel: [2, 2]),
      [Tensor(TensorType(.i8, [1, 2, 2, 1], Quantization(scale: 1)), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.i8, [1, 1, 1, 1], Quantization(scale: 1)), numbers: [3])]),
  ]
}
