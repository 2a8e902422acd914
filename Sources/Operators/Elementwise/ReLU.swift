import GraphIR
import Tensors

/// `y = max(x, 0)`. The operand is `f32`, or `i8` or `i16` with one scale; the result may have another.
public struct ReLU: ClampingOperator {
  public static let clamp = Clamp.relu
  public static let name = "relu"

  public init() {}

  public static let examples = [
    Example(
      ReLU(),
      [Tensor(TensorType(.f32, [4]), numbers: [-2, 0, 3, 8])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 3, 8])]),
    Example(
      ReLU(),
      [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [-2, 0, 3, 8])],
      gives: [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [0, 0, 3, 8])]),
  ]
}
