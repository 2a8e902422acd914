import GraphIR
import Tensors

/// `y = min(max(x, 0), 1)`. The operand is `f32`, or `i8` with one scale; the result may have another.
public struct ReLU0To1: ClampingOperator {
  public static let clamp = Clamp(lower: 0, upper: 1)
  public static let name = "relu_0_to_1"

  public init() {}

  public static let examples = [
    Example(
      ReLU0To1(),
      [Tensor(TensorType(.f32, [4]), numbers: [-2, 0, 0.5, 8])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 0.5, 1])]),
    Example(
      ReLU0To1(),
      [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [-2, 0, 1, 8])],
      gives: [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [0, 0, 1, 1])]),
  ]
}
