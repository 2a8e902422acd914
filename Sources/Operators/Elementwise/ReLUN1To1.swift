import GraphIR
import Tensors

/// `y = min(max(x, −1), 1)`. The operand is `f32`, or `i8` with one scale; the result may have another.
public struct ReLUN1To1: ClampingOperator {
  public static let clamp = Clamp.reluN1To1
  public static let name = "relu_n1_to_1"

  public init() {}

  public static let examples = [
    Example(
      ReLUN1To1(),
      [Tensor(TensorType(.f32, [4]), numbers: [-2, 0, 0.5, 8])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [-1, 0, 0.5, 1])]),
    Example(
      ReLUN1To1(),
      [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [-2, 0, 1, 8])],
      gives: [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [-1, 0, 1, 1])]),
  ]
}
