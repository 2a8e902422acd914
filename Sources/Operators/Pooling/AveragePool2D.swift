import GraphIR
import Tensors

/// The mean of the elements of each window that lie inside the image.
///
/// The operand is an image NHWC, `f32`, `i8` or `i16`; operand and result are quantized alike.
public struct AveragePool2D: PoolingOperator {
  /// The mean counts.
  public static let isMaximum = false
  public static let name = "average_pool2d"
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
  ///   - clamp: of the mean.
  public init(
    kernel: [Int], stride: [Int] = [1, 1], padding: Padding = .valid, clamp: Clamp = .none
  ) {
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.clamp = clamp
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
