import GraphIR
import Support
import Tensors

/// The shape that two shapes are stretched to by NumPy's rule, all as lists of `i32` or `i64`. Of two extents that do not
/// go together the larger is taken, where LiteRT ends with an error.
///
/// TFLite: `BROADCAST_ARGS`.
public struct BroadcastShape: Operator {
  public static let name = "broadcast_shape"
  public static let elements: [ElementType] = [.i32, .i64]

  public init() {}

  /// As long as the longer of both.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    for index in 0...1 { try ElementChecks.rank(operands, index, 1, Self.name) }
    let rank = max(operands[0].shape[0], operands[1].shape[0])
    return [TensorType(operands[0].element, [rank])]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    site.operands[0].element == .i32 ? kernel(site, of: Int32.self) : kernel(site, of: Int64.self)
  }

  private func kernel<Number: FixedWidthInteger & Sendable>(
    _ site: Site, of type: Number.Type
  ) -> Kernel {
    let rank = site.results[0].elementCount
    let missing = site.operands.map { rank - $0.elementCount }
    return Kernel { operands, results, _ in
      let y = results[0].pointer(to: Number.self)
      for axis in 0..<rank {
        let extents = zip(operands, missing).compactMap { operand, missing in
          axis < missing ? nil : operand.pointer(to: Number.self)[axis - missing]
        }
        // An extent of 1 gives way, even to 0.
        y[axis] = extents.filter { $0 != 1 }.max() ?? 1
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      BroadcastShape(),
      [
        Tensor(TensorType(.i32, [3]), numbers: [2, 1, 3]),
        Tensor(TensorType(.i32, [2]), numbers: [4, 1]),
      ],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [2, 4, 3])])
  ]
}
