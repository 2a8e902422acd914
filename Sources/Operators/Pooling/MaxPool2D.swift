import GraphIR
import Tensors

/// The largest element of each window.
///
/// The operand is an image NHWC, `f32`, `i8` or `i16`; operand and result are quantized alike.
public struct MaxPool2D: PoolingOperator {
  /// The largest element counts.
  public static let isMaximum = true
  public static let name = "max_pool2d"
  /// Height and width of the window.
  public var kernel: [Int]
  /// Height and width by which the window moves; positive.
  public var stride: [Int]
  /// Elements outside of the image take no part in a maximum.
  public var padding: Padding
  /// What a fused activation does.
  public var clamp: Clamp

  public init() { self.init(kernel: [1, 1]) }

  /// - Parameters:
  ///   - kernel, stride: height and width, both positive; `resultTypes` refuses others.
  ///   - clamp: of the largest element.
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
      MaxPool2D(kernel: [2, 2]),
      [Tensor(TensorType(.f32, [1, 2, 2, 1]), numbers: [1, 2, 3, 5])],
      gives: [Tensor(TensorType(.f32, [1, 1, 1, 1]), numbers: [5])]),
    Example(
      MaxPool2D(kernel: [2, 2]),
      [Tensor(TensorType(.i8, [1, 2, 2, 1], Quantization(scale: 1)), numbers: [1, 2, 3, -5])],
      gives: [Tensor(TensorType(.i8, [1, 1, 1, 1], Quantization(scale: 1)), numbers: [3])]),
  ]
}
