import GraphIR
import Support
import Tensors

/// The same numbers in another element type. Fractions are dropped. An integer that a narrower type cannot hold loses its
/// high bits, as in C; a float is clamped, where C leaves it open, and a NaN becomes 0.
///
/// Quantization plays no part: stored numbers are taken as they are.
public struct Cast: Operator {
  public static let name = "cast"
  public static let elements = ElementType.allCases
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
        let number = Self.wrapped(from.load(from: operands[0], at: index), from, to)
        to.store(
          to.isFloat || to == .bool ? number : number.rounded(.towardZero), in: results[0],
          at: index)
      }
    }
  }

  /// The number that the low bits of an integer stand for.
  private static func wrapped(_ number: Double, _ from: ElementType, _ to: ElementType) -> Double {
    guard !from.isFloat, to.bitWidth <= 32, let range = to.integerRange,
      abs(number) < 0x1p62
    else { return number }
    let span = range.upperBound - range.lowerBound + 1
    let offset = (Int(number) - range.lowerBound) % span
    return Double(range.lowerBound + (offset < 0 ? offset + span : offset))
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      Cast(element: .i8),
      [Tensor(TensorType(.u8, [2]), numbers: [255, 130])],
      gives: [Tensor(TensorType(.i8, [2]), numbers: [-1, -126])]),
    Example(
      Cast(element: .i32),
      [Tensor(TensorType(.f32, [3]), numbers: [1.9, -1.9, 3e10])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [1, -1, 2_147_483_647])]),
  ]
}
