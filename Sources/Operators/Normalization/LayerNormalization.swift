import GraphIR
import Support
import Tensors

/// `y = (x − mean) / √(variance + epsilon) · scale + bias`, mean and variance over the last axes, of `f32` elements.
///
/// Operands: `x`, and optionally scale and bias, both of the extents from `axis` on. Results: `y`, and if they are asked for the
/// means and `1 / √(variance + epsilon)`, with an extent of 1 in place of each of the last axes.
///
/// ONNX: `LayerNormalization`. Source: Ba, Kiros, Hinton, "Layer Normalization", 2016.
public struct LayerNormalization: Operator {
  public static let name = "layer_normalization"
  /// The first of the axes that a mean is over; a negative one counts from the back.
  public var axis: Int
  /// What is added to the variance, which may be 0.
  public var epsilon: Float
  /// Whether means and inverse deviations are results, too.
  public var givesStatistics: Bool

  public init() { self.init(axis: -1) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1.
  ///   - epsilon: not negative.
  ///   - givesStatistics: as further results.
  public init(axis: Int, epsilon: Float = 1e-5, givesStatistics: Bool = false) {
    self.axis = axis
    self.epsilon = epsilon
    self.givesStatistics = givesStatistics
  }

  /// The operand's type, and those of the statistics.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...3, Self.name)
    let x = operands[0]
    let rows = try NormalizedRows(x.shape, axis, Self.name)
    for index in operands.indices.dropFirst() {
      try ElementChecks.shape(operands, index, rows.row, Self.name)
    }
    let result = TensorType(x.element, x.shape)
    guard givesStatistics else { return [result] }
    return [result] + Array(repeating: TensorType(x.element, rows.statistics), count: 2)
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
      let y = Shared(results.map { $0.pointer(to: Float.self) })
      workers.split(rows.count, grain: max(1, 4096 / length)) { part in
        for row in part {
          let (from, to) = (x.pointer + row * length, y.pointer[0] + row * length)
          let mean = Float(Moments.sum(from, length) / Double(length))
          let variance = Moments.squares(from, length, around: mean) / Double(length)
          let factor = Float(1 / (variance + epsilon).squareRoot())
          for index in 0..<length { to[index] = (from[index] - mean) * factor }
          NormalizedRows.finish(to, length, parameters.pointer)
          guard y.pointer.count == 3 else { continue }
          y.pointer[1][row] = mean
          y.pointer[2][row] = factor
        }
      }
    }
  }

  /// Sum, difference, square and product.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    Work(elementOperations: Work.product(4, results[0].elementCount))
  }

  public static let examples = [
    Example(
      LayerNormalization(axis: 1, epsilon: 3, givesStatistics: true),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 3, 5, 5]),
        Tensor(TensorType(.f32, [2]), numbers: [10, 100]),
        Tensor(TensorType(.f32, [2]), numbers: [1, 2]),
      ],
      gives: [
        Tensor(TensorType(.f32, [2, 2]), numbers: [-4, 52, 1, 2]),
        Tensor(TensorType(.f32, [2, 1]), numbers: [2, 5]),
        Tensor(TensorType(.f32, [2, 1]), numbers: [0.5, 0.577350269]),
      ]),
    Example(
      LayerNormalization(axis: 1, epsilon: 0),
      [Tensor(TensorType(.f32, [1, 2, 2]), numbers: [1, 1, 3, 3])],
      gives: [Tensor(TensorType(.f32, [1, 2, 2]), numbers: [-1, -1, 1, 1])]),
  ]
}

/// The rows over which a normalization goes: a tensor's last axes together.
struct NormalizedRows: Sendable {
  /// How many rows there are.
  let count: Int
  /// The extents of one row.
  let row: Shape
  /// Those of a tensor with one element for each row.
  let statistics: Shape

  /// - Throws: a `Diagnostic` if the shape does not have the axis; a negative one counts from the back.
  init(_ shape: Shape, _ axis: Int, _ kind: String) throws {
    let axis = try ElementChecks.axis(axis, rank: shape.rank, kind)
    row = Shape(Array(shape.extents[axis...]))
    count = shape.elementCount / row.elementCount
    statistics = Shape(shape.extents[..<axis] + shape.extents[axis...].map { _ in 1 })
  }

  /// Multiplies a row by the first of the parameters, and adds the second.
  static func finish(
    _ y: UnsafeMutablePointer<Float>, _ count: Int, _ parameters: [UnsafePointer<Float>]
  ) {
    guard let scale = parameters.first else { return }
    for index in 0..<count { y[index] *= scale[index] }
    guard parameters.count > 1 else { return }
    let bias = parameters[1]
    for index in 0..<count { y[index] += bias[index] }
  }
}

extension Diagnostic.Message {
  /// What is added to a variance is too little, or nothing one can add.
  static func badEpsilon(_ epsilon: Float, _ kind: String) -> Self {
    Self(id: "bad-epsilon", .malformed, "epsilon of `\(kind)` is \(epsilon)")
  }
}
