import Foundation
import GraphIR
import Tensors

/// `y = log(Σ exp(x))` along some axes, of `f32` or `f64` elements: a maximum without edges.
public struct LogSumExp: Operator {
  public static let name = "log_sum_exp"
  public static let elements: [ElementType] = [.f64, .f32]
  public static let acceptsEmpty = true
  /// The axes that vanish; negative ones count from the back. Without any, the operand comes back.
  public var axes: [Int]
  /// Whether reduced axes stay, with an extent of 1.
  public var keepsAxes: Bool

  public init() { self.init(axes: []) }

  /// - Parameter axes: each from −rank to rank − 1; one that is named twice counts once.
  public init(axes: [Int], keepsAxes: Bool = false) {
    self.axes = axes
    self.keepsAxes = keepsAxes
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let shape = operands[0].shape
    let reduced = try ReductionWalk.axes(axes, of: shape, Self.name)
    return [
      TensorType(operands[0].element, ReductionWalk.shape(shape, reducing: reduced, keepsAxes))
    ]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32], [.f64]], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let reduced = try ReductionWalk.axes(axes, of: shape, Self.name)
    let walk = ReductionWalk(over: shape, reducing: reduced)
    guard site.operands[0].element == .f32 else {
      return walk.kernel(
        start: ScaledSum(), { (sum, x: Double) in sum.adding(x) },
        finish: { sum, _ in sum.logarithm })
    }
    return walk.kernel(
      start: ScaledSum(), { (sum, x: Float) in sum.adding(Double(x)) },
      finish: { sum, _ in Float(sum.logarithm) })
  }

  /// Exponential, addition and comparison for each element.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(3, operands[0].elementCount))
  }

  public static let examples = [
    Example(
      LogSumExp(axes: [-1]),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 1000, 1000])],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2.313261688, 1000.693147])]),
    Example(
      LogSumExp(axes: [0], keepsAxes: true),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [-.infinity, 0, -.infinity, .infinity])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [-.infinity, .infinity])]),
  ]
}

/// `Σ exp(x)` as `exp(largest) · sum`, so that no exponential is too large.
private struct ScaledSum: Sendable {
  private var largest = -Double.infinity
  private var sum = 0.0

  func adding(_ x: Double) -> ScaledSum {
    var next = self
    if x == largest {
      // The difference of infinite numbers would be none.
      next.sum += x == -.infinity ? 0 : 1
    } else if x < largest {
      next.sum += exp(x - largest)
    } else {
      next.sum = sum * exp(largest - x) + 1
      next.largest = x
    }
    return next
  }

  var logarithm: Double { largest + log(sum) }
}
