import GraphIR
import Support
import Tensors

/// `y = max(x, 0)`. The operand is `f32`, or `i8` with one scale; the result may have another.
public struct ReLU: Operator {
  public static let name = "relu"

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try Clamping.check(operands, results, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel { try Clamping.kernel(site, .relu) }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

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
