import GraphIR
import Support
import Tensors

/// `y = Σ xₖ`, the sum of any number of operands of one shape, of `f32` or `i32` elements. Sums of integers wrap.
public struct AddN: Operator {
  public static let name = "add_n"
  public static let elements: [ElementType] = [.f32, .i32]

  public init() {}

  /// The operands' type; there are at most 4096.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...4096, Self.name)
    for index in operands.indices {
      try ElementChecks.shape(operands, index, operands[0].shape, Self.name)
    }
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f32
      ? kernel(site) { (a: Float, b) in a + b } : kernel(site) { (a: Int32, b) in a &+ b }
  }

  private func kernel<Number: Numeric & Sendable>(
    _ site: Site, _ add: @escaping @Sendable (Number, Number) -> Number
  ) -> Kernel {
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let y = results[0].pointer(to: Number.self)
      for index in 0..<count { y[index] = 0 }
      for operand in operands {
        let x = operand.pointer(to: Number.self)
        for index in 0..<count { y[index] = add(y[index], x[index]) }
      }
    }
  }

  /// One operation for each element of each operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(operands.count, results[0].elementCount))
  }

  public static let examples = [
    Example(
      AddN(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 2]),
        Tensor(TensorType(.i32, [2]), numbers: [10, 20]),
        Tensor(TensorType(.i32, [2]), numbers: [100, 200]),
      ],
      gives: [Tensor(TensorType(.i32, [2]), numbers: [111, 222])])
  ]
}
