import GraphIR
import Support
import Tensors

/// The operand with elements put to where indices point: each to its own place, but along one axis to its index. What
/// would be put outside is left out.
///
/// Operands: a tensor; indices of `i16`, `i32` or `i64` elements, of which negative ones count from the back; and for each
/// index what is put there, in order.
///
/// ONNX: `ScatterElements` and `Scatter`.
public struct ScatterElements: Operator {
  public static let name = "scatter_elements"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// The axis that the indices count along; a negative one counts from the back.
  public var axis: Int
  /// What becomes of the elements that are there; those of `f64`, `f32`, `i32` and `i64` can be computed with.
  public var placement: ScatterMode

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int, placement: ScatterMode = .replace) {
    self.axis = axis
    self.placement = placement
  }

  /// The first operand's type; indices are no larger than it but along the axis, and there is an element for each.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    _ = try PointedElements(axis, of: operands[0].shape, at: operands[1].shape, Self.name)
    try ElementChecks.shape(operands, 2, operands[1].shape, Self.name)
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try placement.check(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameElements([operands[0], operands[2]], Self.elements, Self.name)
    for operand in [operands[0], operands[2]] {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let pointed = try PointedElements(
      axis, of: site.operands[0].shape, at: site.operands[1].shape, Self.name)
    let reader = IndexReader(site.operands[1], countsFromBack: true)
    let put = placement.code(for: site.results[0].element)
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: operands[0])
      pointed.forEach { number, start in
        let index = reader.indexFromFront(operands[1], at: number, among: pointed.length)
        guard (0..<pointed.length).contains(index) else { return }
        put(operands[2], number, results[0], start + index * pointed.stride, 1)
      }
    }
  }

  /// One operation for each element that is put.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[1])
  }

  public static let examples = [
    Example(
      ScatterElements(axis: 1),
      [
        Tensor(TensorType(.f32, [1, 5]), numbers: [1, 2, 3, 4, 5]),
        Tensor(TensorType(.i64, [1, 3]), numbers: [1, -2, 9]),
        Tensor(TensorType(.f32, [1, 3]), numbers: [1.1, 2.1, 7]),
      ],
      gives: [Tensor(TensorType(.f32, [1, 5]), numbers: [1, 1.1, 3, 2.1, 5])]),
    Example(
      ScatterElements(axis: 0, placement: .add),
      [
        Tensor(TensorType(.i32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i64, [2, 1]), numbers: [1, 1]),
        Tensor(TensorType(.i32, [2, 1]), numbers: [10, 20]),
      ],
      gives: [Tensor(TensorType(.i32, [2, 2]), numbers: [1, 2, 33, 4])]),
  ]
}
