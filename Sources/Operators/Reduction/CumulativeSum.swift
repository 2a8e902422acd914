import GraphIR
import Support
import Tensors

/// `y[i] = Σ x[j]` over `j ≤ i` along an axis, of `f32`, `f64`, `i32` or `i64` elements. Sums of integers wrap.
///
/// TFLite: `CUMSUM`.
public struct CumulativeSum: Operator {
  public static let name = "cumsum"
  public static let elements: [ElementType] = [.f32, .f64, .i32, .i64]
  /// The axis along which elements add up; a negative one counts from the back.
  public var axis: Int
  /// Whether an element is left out of its own sum: `j < i`.
  public var isExclusive: Bool
  /// Whether sums begin at the end of the axis: `j ≥ i`.
  public var isReverse: Bool

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int, isExclusive: Bool = false, isReverse: Bool = false) {
    self.axis = axis
    self.isExclusive = isExclusive
    self.isReverse = isReverse
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    _ = try ElementChecks.axis(axis, rank: operands[0].shape.rank, Self.name)
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .i32: try kernel(site) { (a: Int32, b) in a &+ b }
    case .i64: try kernel(site) { (a: Int64, b) in a &+ b }
    case .f64: try kernel(site) { (a: Double, b) in a + b }
    default:
      try kernel(site) { (a: Float, b) in a + b }
    }
  }

  private func kernel<Number: Numeric & Sendable>(
    _ site: Site, _ add: @escaping @Sendable (Number, Number) -> Number
  ) throws -> Kernel {
    let rows = try AxisRows(axis, of: site.operands[0].shape, Self.name)
    return Kernel { [self] operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
      rows.forEach { start in
        var sum: Number = 0
        for step in 0..<rows.length {
          let place = start + (isReverse ? rows.length - 1 - step : step) * rows.stride
          let next = add(sum, x[place])
          y[place] = isExclusive ? sum : next
          sum = next
        }
      }
    }
  }

  /// One addition for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[0])
  }

  public static let examples = [
    Example(
      CumulativeSum(axis: 0),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 4, 6])]),
    Example(
      CumulativeSum(axis: -1, isExclusive: true, isReverse: true),
      [Tensor(TensorType(.i32, [3]), numbers: [1, 2, 3])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [5, 3, 0])]),
  ]
}
