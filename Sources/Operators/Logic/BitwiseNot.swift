import GraphIR
import Support
import Tensors

/// `y = NOT x`, bit by bit, of integers of 8 bits or more, as they are stored.
public struct BitwiseNot: Operator {
  public static let name = "bitwise_not"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter {
    $0.integerRange != nil && $0.bitWidth >= 8
  }

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  /// Whatever the element type, each byte is inverted.
  public func kernel(for site: Site) throws -> Kernel {
    Kernel { operands, results, _ in
      for index in results[0].indices { results[0][index] = ~operands[0][index] }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      BitwiseNot(),
      [Tensor(TensorType(.i32, [2]), numbers: [6, -1])],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [-7, 0])]),
    Example(
      BitwiseNot(),
      [Tensor(TensorType(.u8, [2]), numbers: [0, 129])],
      gives: [Tensor(TensorType(.u8, [2]), numbers: [255, 126])]),
  ]
}
