import GraphIR
import Support
import Tensors

/// Zeros in the operand's shape, of `f32`, `i32` or `i64` elements.
public struct ZerosLike: Operator {
  public static let name = "zeros_like"
  public static let acceptsEmpty = true
  public static let elements: [ElementType] = [.f32, .i32, .i64]

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  /// Zero has no bits set in any of these types.
  public func kernel(for site: Site) throws -> Kernel {
    Kernel { _, results, _ in
      for index in results[0].indices { results[0][index] = 0 }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      ZerosLike(),
      [Tensor(TensorType(.f32, [2]), numbers: [1, 2])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [0, 0])])
  ]
}
