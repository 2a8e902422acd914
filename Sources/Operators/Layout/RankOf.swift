import GraphIR
import Support
import Tensors

/// The number of the operand's axes, as a scalar `i32`.
///
/// TFLite: `RANK`.
public struct RankOf: Operator {
  public static let name = "rank_of"
  public static let elements = ElementType.allCases

  public init() {}

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.i32, [])]
  }

  /// The rank is known when the kernel is made; elements are not looked at.
  public func kernel(for site: Site) throws -> Kernel {
    let rank = Int32(site.operands[0].shape.rank)
    return Kernel { _, results, _ in results[0].pointer(to: Int32.self)[0] = rank }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      RankOf(),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [5, 6])],
      gives: [Tensor(TensorType(.i32, []), numbers: [2])])
  ]
}
