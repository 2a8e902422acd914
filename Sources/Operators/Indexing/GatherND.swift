import GraphIR
import Support
import Tensors

/// The elements or slices at given places. An index outside is taken for the nearest inside, where LiteRT ends with an
/// error.
///
/// Operands: a table, and places of `i16`, `i32` or `i64` elements, whose last axis holds an index for each of the
/// table's first axes, or its first behind the batch axes.
///
/// TFLite and ONNX: `GATHER_ND`, `GatherND`.
public struct GatherND: Operator {
  public static let name = "gather_nd"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// How many leading axes table and places share: each of their indices has places of its own.
  public var batchAxes: Int
  /// Whether a negative index counts from the back, as in ONNX; else it lies outside.
  public var countsFromBack: Bool

  public init() { self.init(batchAxes: 0) }

  /// - Parameter batchAxes: fewer than the places have axes.
  public init(batchAxes: Int, countsFromBack: Bool = false) {
    self.batchAxes = batchAxes
    self.countsFromBack = countsFromBack
  }

  /// The extents of the places without the last, then those of the table that no index is for.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (table, places) = (operands[0].shape, operands[1].shape)
    guard let depth = places.extents.last, (0..<places.rank).contains(batchAxes),
      depth <= table.rank - batchAxes,
      table.extents.prefix(batchAxes) == places.extents.prefix(batchAxes),
      let shape = Shape(
        checking: places.extents.dropLast() + table.extents.dropFirst(batchAxes + depth)),
      operands.contains(where: \.shape.isEmpty) == shape.isEmpty
    else { throw Diagnostic(.badPlaces(table, places)) }
    return [operands[0].moved(into: shape)]
  }

  /// Elements are only moved, so table and result are quantized alike.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let slices = IndexedSlices(
      of: site.operands[0], places: site.operands[1], batchAxes: batchAxes,
      countsFromBack: countsFromBack)
    return Kernel { operands, results, _ in
      for number in 0..<slices.count {
        let start = slices.offset(operands[1], at: number, isClamped: true) ?? 0
        results[0].copy(
          slices.byteCount, of: operands[0], from: start, to: number * slices.byteCount)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      GatherND(),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i32, [2, 2]), numbers: [0, 1, 1, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [2, 3])]),
    Example(
      GatherND(),
      [
        Tensor(TensorType(.i8, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i32, [1, 1]), numbers: [9]),
      ],
      gives: [Tensor(TensorType(.i8, [1, 2]), numbers: [3, 4])]),
    Example(
      GatherND(batchAxes: 1, countsFromBack: true),
      [
        Tensor(TensorType(.f32, [2, 2, 2]), numbers: [0, 1, 2, 3, 4, 5, 6, 7]),
        Tensor(TensorType(.i64, [2, 1]), numbers: [1, -2]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [2, 3, 4, 5])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPlaces(_ table: Shape, _ places: Shape) -> Self {
    Self(
      id: "bad-places", .malformed,
      "places of shape \(places) do not index a table of shape \(table) in `gather_nd`")
  }
}
