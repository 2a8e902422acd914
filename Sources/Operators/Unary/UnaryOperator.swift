import GraphIR
import Support
import Tensors

/// A function of each element by itself, of `f32` tensors.
public protocol UnaryOperator: Operator {
  /// The function.
  func apply(_ x: Float) -> Float
}

extension UnaryOperator {
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let count = site.results[0].elementCount
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(count, grain: 1 << 14) { part in
        for index in part { y.pointer[index] = apply(x.pointer[index]) }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }
}
