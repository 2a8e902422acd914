import GraphIR
import Support
import Tensors

/// Whether an element is no number, of `f32` elements.
public struct IsNaN: Operator {
  public static let name = "is_nan"
  public static let acceptsEmpty = true

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.bool, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let x = operands[0].pointer(to: Float.self)
      for index in 0..<count { results[0][index] = x[index].isNaN ? 1 : 0 }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      IsNaN(),
      [Tensor(TensorType(.f32, [3]), numbers: [.nan, 1, .infinity])],
      gives: [Tensor(TensorType(.bool, [3]), numbers: [1, 0, 0])])
  ]
}
