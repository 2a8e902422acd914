import GraphIR
import Operators
import Tensors

/// The mean of whole images as a depthwise convolution, which NPUs compute where they have no mean that rescales: its
/// weights are all 1, and stand for one by the number of pixels.
struct IntegerMean {
  let op: DepthwiseConv2D
  let weights: Tensor

  /// - Parameters:
  ///   - op: of real numbers.
  ///   - image: the type of its operand.
  /// - Returns: nil if the operator is no such mean, or would need too many weights to be worth it.
  init?(_ op: any Operator, of image: TensorType) {
    guard image.shape.rank == 4 else { return nil }
    let kernel = Array(image.shape.extents[1...2])
    guard let clamp = Self.clamp(op, kernel), kernel.allSatisfy({ (1...64).contains($0) }),
      image.shape[3] <= 1 << 12
    else { return nil }
    self.op = DepthwiseConv2D(clamp: clamp)
    let type = TensorType(
      .i8, [1, kernel[0], kernel[1], image.shape[3]],
      Quantization(scale: 1 / Float(kernel[0] * kernel[1])))
    weights = Tensor(type, numbers: Array(repeating: 1, count: type.shape.elementCount))
  }

  /// Zeros to be added, for images of a type: XNNPACK reads a bias whether there is one or not.
  func bias(for image: TensorType) -> Tensor {
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
