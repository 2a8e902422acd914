import GraphIR
import Tensors

/// `y = min(max(x, 0), 6)`. The operand is `f32`, or `i8` or `i16` with one scale; the result may have another.
public struct ReLU6: ClampingOperator {
  public static let clamp = Clamp.relu6
  public static let name = "relu6"

  public init() {}

  public static let examples = [
    Example(
      ReLU6(),
      [Tensor(TensorType(.f32, [4]), numbers: [-2, 0, 3, 8])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 3, 6])]),
    Example(
      ReLU6(),
      [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [-2, 0, 3, 8])],
      gives: [Tensor(TensorType(.i8, [4], Quantization(scale: 1)), numbers: [0, 0, 3, 6])]),
  ]
}
