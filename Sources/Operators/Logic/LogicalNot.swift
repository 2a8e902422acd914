import GraphIR
import Support
import Tensors

/// Whether an element does not hold, of `bool` elements.
public struct LogicalNot: Operator {
  public static let name = "logical_not"
  public static let acceptsEmpty = true

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.bool, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.bool]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      for index in 0..<count { results[0][index] = operands[0][index] == 0 ? 1 : 0 }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      LogicalNot(),
      [Tensor(TensorType(.bool, [2]), numbers: [0, 1])],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [1, 0])])
  ]
}
