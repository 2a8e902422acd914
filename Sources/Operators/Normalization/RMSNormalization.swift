import GraphIR
import Support
import Tensors

/// `y = x / √(mean of x² + epsilon) · scale`, the mean over the last axes, of `f32` elements.
///
/// Operands: `x`, and optionally the scale, of the extents from `axis` on.
///
/// ONNX: `RMSNormalization`. Source: Zhang, Sennrich, "Root Mean Square Layer Normalization", NeurIPS 2019.
public struct RMSNormalization: Operator {
  public static let name = "rms_normalization"
  /// The first of the axes that a mean is over; a negative one counts from the back.
  public var axis: Int
  /// What is added to the mean, which may be 0.
  public var epsilon: Float

  public init() { self.init(axis: -1) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1.
  ///   - epsilon: not negative.
  public init(axis: Int, epsilon: Float = 1e-5) {
    self.axis = axis
    self.epsilon = epsilon
  }

  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...2, Self.name)
    let rows = try NormalizedRows(operands[0].shape, axis, Self.name)
    if operands.count == 2 { try ElementChecks.shape(operands, 1, rows.row, Self.name) }
    return [TensorType(operands[0].element, operands[0].shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.sameElements(operands, [.f32], Self.name)
    guard epsilon >= 0, epsilon.isFinite else { throw Diagnostic(.badEpsilon(epsilon, Self.name)) }
  }

  /// Works on rows in parallel.
  public func kernel(for site: Site) throws -> Kernel {
    let rows = try NormalizedRows(site.operands[0].shape, axis, Self.name)
    let (length, epsilon) = (rows.row.elementCount, Double(epsilon))
    return Kernel { operands, results, workers in
      let x = Shared(operands[0].pointer(to: Float.self))
      let parameters = Shared(operands.dropFirst().map { $0.pointer(to: Float.self) })
      let y = Shared(results[0].pointer(to: Float.self))
      workers.split(rows.count, grain: max(1, 4096 / length)) { part in
        for row in part {
          let (from, to) = (x.pointer + row * length, y.pointer + row * length)
          let mean = Moments.squares(from, length) / Double(length)
          let factor = Float(1 / (mean + epsilon).squareRoot())
          for index in 0..<length { to[index] = from[index] * factor }
          NormalizedRows.finish(to, length, parameters.pointer)
        }
      }
    }
  }

  /// Square, sum and product.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(3, results[0].elementCount))
  }

  public static let examples = [
    Example(
      RMSNormalization(axis: -1, epsilon: 11.5),
      [
        Tensor(TensorType(.f32, [1, 2]), numbers: [3, -4]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 0.5]),
      ],
      // √(12.5 + 11.5) = 4.898979…
      gives: [Tensor(TensorType(.f32, [1, 2]), numbers: [0.612372436, -0.40824829])])
  ]
}
