import GraphIR
import Operators
import Tensors

/// The mean of each window as a depthwise convolution: pools do not rescale, and NPUs that have no mean
/// compute it. Its weights are all 1, and stand for one by the number of elements.
package struct IntegerMean {
  /// The convolution.
  package var op: DepthwiseConv2D
  /// Its second operand.
  package let weights: Tensor

  /// - Parameters:
  ///   - kernel: height and width of the windows.
  ///   - channels: of the image.
  /// - Returns: nil if there were too many weights to be worth it.
  init?(_ kernel: [Int], channels: Int, stride: [Int] = [1, 1], _ clamp: Clamp) {
    guard kernel.allSatisfy({ (1...64).contains($0) }), channels <= 1 << 12 else { return nil }
    op = DepthwiseConv2D(stride: stride, clamp: clamp)
    let type = TensorType(
      .i8, [1, kernel[0], kernel[1], channels],
      Quantization(scale: 1 / Float(kernel[0] * kernel[1])))
    weights = Tensor(type, numbers: Array(repeating: 1, count: type.shape.elementCount))
  }

  /// The mean of whole images.
  ///
  /// - Parameters:
  ///   - op: of real numbers.
  ///   - image: the type of its operand.
  /// - Returns: nil if the operator is no such mean, or would need too many weights to be worth it.
  package init?(_ op: any Operator, of image: TensorType) {
    guard image.shape.rank == 4 else { return nil }
    let kernel = Array(image.shape.extents[1...2])
    guard let clamp = Self.clamp(op, kernel) else { return nil }
    self.init(kernel, channels: image.shape[3], clamp)
  }

  /// Zeros to be added, for images of a type: XNNPACK reads a bias whether there is one or not.
  package func bias(for image: TensorType) -> Tensor {
    let scale = (image.quantization?.scale ?? 1) * (weights.type.quantization?.scale ?? 1)
    let type = TensorType(
      image.element == .i16 ? .i64 : .i32, [image.shape[3]], Quantization(scale: scale))
    return Tensor(type, numbers: Array(repeating: 0, count: image.shape[3]))
  }

  /// The limits of a mean over the whole image; nil for other operators.
  private static func clamp(_ op: any Operator, _ kernel: [Int]) -> Clamp? {
    switch op {
    case let pool as AveragePool2D where pool.kernel == kernel && pool.padding == .valid:
      pool.clamp
    case let mean as Mean where Set(mean.axes.map { $0 < 0 ? $0 + 4 : $0 }) == [1, 2]: Clamp.none
    default: nil
    }
  }
}
