import GraphIR
import Support
import Tensors

/// Whether `a = b`, pair by pair, with NumPy's broadcasting, of `f32` or `i32` elements.
public struct Equal: Operator {
  public static let name = "equal"
  public static let elements: [ElementType] = [.f32, .i32]

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let shape = try Broadcast.shape(operands[0].shape, operands[1].shape, Self.name)
    return [TensorType(.bool, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32, .f32], [.i32, .i32]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    if site.operands[0].element == .i32 {
      return BroadcastKernel.make(site) { (a: UnsafePointer<Int32>, b, count, y) in
        for index in 0..<count { y[index] = UInt8(a[index] == b[index] ? 1 : 0) }
      }
    }
    return BroadcastKernel.make(site) { (a: UnsafePointer<Float>, b, count, y) in
      for index in 0..<count { y[index] = UInt8(a[index] == b[index] ? 1 : 0) }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Equal(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 2]), Tensor(TensorType(.i32, []), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.bool, [2]), numbers: [0, 1])])
  ]
}
