import GraphIR
import Support
import Tensors

/// `start, start + delta, start + 2 · delta, …`, of `f64`, `f32`, `i32` or `i64` elements. Integers wrap.
///
/// Operands: `start` and `delta`, each a scalar.
///
/// TFLite: `RANGE`, and ONNX: `Range`, whose limit decides how many there are, and must be known when the model is read.
public struct ArithmeticSequence: Operator {
  public static let name = "range"
  public static let elements: [ElementType] = [.f64, .f32, .i32, .i64]
  public static let acceptsEmpty = true
  /// How many numbers there are.
  public var count: Int

  public init() { self.init(count: 1) }

  /// - Parameter count: not negative.
  public init(count: Int) { self.count = count }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    guard let shape = Shape(checking: [count]) else { throw Diagnostic(.badCount(count)) }
    for index in 0...1 { try ElementChecks.shape(operands, index, [], Self.name) }
    return [TensorType(operands[0].element, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.operands[0].element {
    case .f64: kernel { (a: Double, b) in a + b }
    case .i32: kernel { (a: Int32, b) in a &+ b }
    case .i64: kernel { (a: Int64, b) in a &+ b }
    default: kernel { (a: Float, b) in a + b }
    }
  }

  /// Each number is its predecessor plus `delta`: floats are rounded at every step, as in TFLite.
  private func kernel<Number>(_ add: @escaping @Sendable (Number, Number) -> Number) -> Kernel {
    Kernel { [self] operands, results, _ in
      let y = results[0].pointer(to: Number.self)
      var number = operands[0].pointer(to: Number.self)[0]
      let delta = operands[1].pointer(to: Number.self)[0]
      for index in 0..<count {
        y[index] = number
        number = add(number, delta)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      ArithmeticSequence(count: 3),
      [Tensor(TensorType(.i32, []), numbers: [5]), Tensor(TensorType(.i32, []), numbers: [-2])],
      gives: [Tensor(TensorType(.i32, [3]), numbers: [5, 3, 1])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badCount(_ count: Int) -> Self {
    Self(id: "bad-range", .malformed, "`range` cannot have \(count) numbers")
  }
}
