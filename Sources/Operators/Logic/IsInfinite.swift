import GraphIR
import Support
import Tensors

/// Whether an element is infinite, of `f32` or `f64` elements.
public struct IsInfinite: Operator {
  public static let name = "is_infinite"
  public static let elements: [ElementType] = [.f64, .f32]
  public static let acceptsEmpty = true
  /// Whether −∞ counts.
  public var findsNegative: Bool
  /// Whether +∞ counts.
  public var findsPositive: Bool

  public init() { self.init(findsNegative: true, findsPositive: true) }

  /// Says which infinities count.
  public init(findsNegative: Bool, findsPositive: Bool) {
    self.findsNegative = findsNegative
    self.findsPositive = findsPositive
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    return [TensorType(.bool, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.f64]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let (element, count) = (site.operands[0].element, site.results[0].elementCount)
    return Kernel { [self] operands, results, _ in
      for index in 0..<count {
        let x = element.load(from: operands[0], at: index)
        results[0][index] = x.isInfinite && (x < 0 ? findsNegative : findsPositive) ? 1 : 0
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      IsInfinite(),
      [Tensor(TensorType(.f32, [4]), numbers: [-.infinity, 1, .infinity, .nan])],
      gives: [Tensor(TensorType(.bool, [4]), numbers: [1, 0, 1, 0])]),
    Example(
      IsInfinite(findsNegative: false, findsPositive: true),
      [Tensor(TensorType(.f32, [3]), numbers: [-.infinity, 1, .infinity])],
      gives: [Tensor(TensorType(.bool, [3]), numbers: [0, 0, 1])]),
  ]
}
