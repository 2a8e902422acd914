import GraphIR
import Support
import Tensors

/// The operand with elements or slices put at given places, in order. What would be put outside is left out.
///
/// Operands: a tensor; places of `i16`, `i32` or `i64` elements, whose last axis holds an index for each of the tensor's
/// first axes, negative ones counting from the back; and what is put there.
///
/// ONNX: `ScatterND`. That of TFLite, which begins with zeros, is `scatter_nd`.
public struct UpdateND: Operator {
  public static let name = "update_nd"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// What becomes of the elements that are there; those of `f64`, `f32`, `i32` and `i64` can be computed with.
  public var placement: ScatterMode

  public init() { self.init(placement: .replace) }

  /// - Parameter placement: how what is put goes together with what is there.
  public init(placement: ScatterMode) { self.placement = placement }

  /// The first operand's type; the last operand has the extents of the places without the last, then those that no
  /// index is for.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let (whole, places) = (operands[0].shape, operands[1].shape)
    guard let depth = places.extents.last, depth <= whole.rank else {
      throw Diagnostic(.badPlaces(whole, places))
    }
    let slices = Shape(places.extents.dropLast() + whole.extents.dropFirst(depth))
    try ElementChecks.shape(operands, 2, slices, Self.name)
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
    let slices = IndexedSlices(
      of: site.results[0], places: site.operands[1], countsFromBack: true)
    let width = site.results[0].element.bitWidth / 8
    let length = slices.byteCount / width
    let put = placement.code(for: site.results[0].element)
    return Kernel { operands, results, _ in
      results[0].copyMemory(from: operands[0])
      for number in 0..<slices.count {
        guard let start = slices.offset(operands[1], at: number, isClamped: false) else { continue }
        put(operands[2], number * length, results[0], start / width, length)
      }
    }
  }

  /// One operation for each element that is put.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[2])
  }

  public static let examples = [
    Example(
      UpdateND(),
      [
        Tensor(TensorType(.f32, [4]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i64, [3, 1]), numbers: [1, -1, 9]),
        Tensor(TensorType(.f32, [3]), numbers: [5, 6, 7]),
      ],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [1, 5, 3, 6])]),
    Example(
      UpdateND(placement: .multiply),
      [
        Tensor(TensorType(.i64, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i64, [2, 1]), numbers: [0, 0]),
        Tensor(TensorType(.i64, [2, 2]), numbers: [5, 6, 7, 8]),
      ],
      gives: [Tensor(TensorType(.i64, [2, 2]), numbers: [35, 96, 3, 4])]),
    Example(
      UpdateND(placement: .maximum),
      [
        Tensor(TensorType(.f32, [3]), numbers: [1, 2, 3]),
        Tensor(TensorType(.i32, [2, 1]), numbers: [0, 2]),
        Tensor(TensorType(.f32, [2]), numbers: [2.5, 2.5]),
      ],
      gives: [Tensor(TensorType(.f32, [3]), numbers: [2.5, 2, 3])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPlaces(_ whole: Shape, _ places: Shape) -> Self {
    Self(
      id: "bad-places", .malformed,
      "places of shape \(places) do not index a tensor of shape \(whole) in `update_nd`")
  }
}
