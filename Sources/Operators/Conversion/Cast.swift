import GraphIR
import Support
import Tensors

/// The same numbers in another element type. Fractions are dropped; what an integer type cannot hold is clamped.
///
/// A NaN becomes 0 as an integer. Quantization plays no part: stored numbers are taken as they are.
public struct Cast: Operator {
  public static let name = "cast"
  /// The element type of the result.
  public var element: ElementType

  public init() { self.init(element: .f32) }

  /// - Parameter element: of the result; any type will do.
  public init(element: ElementType) { self.element = element }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(element, operands[0].shape)]
  }

  /// By way of `Double`, which rounds `i64` beyond 2⁵³.
  public func kernel(for site: Site) throws -> Kernel {
    let (from, to) = (site.operands[0].element, site.results[0].element)
    let count = site.results[0].elementCount
    return Kernel { operands, results, _ in
      for index in 0..<count {
        let number = from.load(from: operands[0], at: index)
        to.store(
          to.isFloat || to == .bool ? number : number.rounded(.towardZero), in: results[0],
          at: index)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.f32, [3]), numbers: [1.9, -1.9, 3e10])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [1, -1, 2_147_483_647])])
  ]
}
