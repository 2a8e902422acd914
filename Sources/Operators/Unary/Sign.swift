import GraphIR
import Support
import Tensors

/// −1, 0 or 1, as an element is negative, zero or positive, of `f32` or `i32` elements. Of NaN it is 0.
public struct Sign: Operator {
  public static let name = "sign"
  public static let elements: [ElementType] = [.f32, .i32]

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.i32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .f32 ? kernel(site, of: Float.self) : kernel(site, of: Int32.self)
  }

  private func kernel<Number: SignedNumeric & Comparable & Sendable>(
    _ site: Site, of type: Number.Type
  ) -> Kernel {
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
      for index in 0..<count { y[index] = x[index] > 0 ? 1 : x[index] < 0 ? -1 : 0 }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Sign(),
      [Tensor(TensorType(.f32, [3]), numbers: [-2.5, 0, 3])],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [-1, 0, 1])]),
    Example(
      Sign(),
      [Tensor(TensorType(.i32, [3]), numbers: [-2, 0, 3])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [-1, 0, 1])]),
  ]
}
