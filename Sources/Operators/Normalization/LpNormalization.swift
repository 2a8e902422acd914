import GraphIR
import Support
import Tensors

/// `y = x / (Σ |x|ᵖ)^(1/p)`, the sum along an axis, of `f32` or `f64` elements; where it is 0, so is `y`.
///
/// ONNX: `LpNormalization`.
public struct LpNormalization: Operator {
  public static let name = "lp_normalization"
  public static let elements: [ElementType] = [.f32, .f64]
  /// The axis that sums are along; a negative one counts from the back.
  public var axis: Int
  /// 1 or 2.
  public var exponent: Int

  public init() { self.init(axis: -1) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1.
  ///   - exponent: 1 for sums of magnitudes, 2 for the root of the sum of squares.
  public init(axis: Int, exponent: Int = 2) {
    self.axis = axis
    self.exponent = exponent
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    _ = try ElementChecks.axis(axis, rank: operands[0].shape.rank, Self.name)
    guard (1...2).contains(exponent) else { throw Diagnostic(.badNorm(exponent)) }
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, Self.elements, Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    try site.operands[0].element == .f64
      ? kernel(site, of: Double.self) : kernel(site, of: Float.self)
  }

  private func kernel<Number: BinaryFloatingPoint & BitwiseCopyable & Sendable>(
    _ site: Site, of number: Number.Type
  ) throws -> Kernel {
    let rows = try AxisRows(axis, of: site.operands[0].shape, Self.name)
    return Kernel { [exponent] operands, results, _ in
      let (x, y) = (operands[0].pointer(to: Number.self), results[0].pointer(to: Number.self))
      rows.forEach { start in
        let places = stride(
          from: start, to: start + rows.length * rows.stride, by: rows.stride)
        let sum = places.reduce(0.0) { sum, place in
          sum + Double(exponent == 1 ? abs(x[place]) : x[place] * x[place])
        }
        let norm = Number(exponent == 1 ? sum : sum.squareRoot())
        for place in places { y[place] = norm == 0 ? 0 : x[place] / norm }
      }
    }
  }

  /// Power, sum and quotient.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(3, results[0].elementCount))
  }

  public static let examples = [
    Example(
      LpNormalization(axis: 0),
      [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 0, -4, 0])],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [0.6, 0, -0.8, 0])]),
    Example(
      LpNormalization(axis: -1, exponent: 1),
      [Tensor(TensorType(.f32, [1, 2]), numbers: [1, -3])],
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [0.25, -0.75])]),
    Example(
      LpNormalization(axis: -1, exponent: 1),
      [Tensor(TensorType(.f64, [1, 2]), numbers: [0x1p-40, 1 - 0x1p-40])],
      gives: [Tensor(TensorType(.f64, [1, 2]), numbers: [0x1p-40, 1 - 0x1p-40])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badNorm(_ exponent: Int) -> Self {
    Self(
      id: "bad-exponent", .malformed,
      "the exponent of `lp_normalization` is \(exponent), neither 1 nor 2")
  }
}
