import GraphIR
import Support
import Tensors

/// What lies at given indices of an axis. An index outside is taken for the nearest inside, where LiteRT ends with an
/// error.
///
/// Operands: a table, and indices of `i16`, `i32` or `i64` elements.
///
/// TFLite: `GATHER`, and `EMBEDDING_LOOKUP` without rescaling. ONNX: `Gather`.
public struct Gather: Operator {
  public static let name = "gather"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// The axis of the table that the indices count along; a negative one counts from the back.
  public var axis: Int
  /// How many leading axes table and indices share: each of their places has indices of its own.
  public var batchAxes: Int
  /// Whether a negative index counts from the back, as in ONNX; else it lies outside.
  public var countsFromBack: Bool

  public init() { self.init(axis: 0) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1 of the table.
  ///   - batchAxes: not beyond `axis`, nor the rank of the indices.
  public init(axis: Int, batchAxes: Int = 0, countsFromBack: Bool = false) {
    self.axis = axis
    self.batchAxes = batchAxes
    self.countsFromBack = countsFromBack
  }

  /// The table's extents, with those of the indices, but for batch axes, in place of the axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (table, indices) = (operands[0].shape.extents, operands[1].shape.extents)
    let axis = try ElementChecks.axis(axis, rank: table.count, Self.name)
    guard (0...min(axis, indices.count)).contains(batchAxes),
      table.prefix(batchAxes) == indices.prefix(batchAxes),
      let shape = Shape(
        checking: Array(table[..<axis]) + indices.dropFirst(batchAxes) + table[(axis + 1)...]),
      operands.contains(where: \.shape.isEmpty) == shape.isEmpty
    else { throw Diagnostic(.badBatch(batchAxes, operands[0].shape, operands[1].shape)) }
    return [operands[0].moved(into: shape)]
  }

  /// Elements are only moved, so table and result are quantized alike.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let table = site.operands[0].shape
    let axis = try ElementChecks.axis(axis, rank: table.rank, Self.name)
    let (batches, length) = (table.extents[..<batchAxes].reduce(1, *), table[axis])
    let outer = table.extents[batchAxes..<axis].reduce(1, *)
    let bytes = table.extents[(axis + 1)...].reduce(site.operands[0].element.bitWidth / 8, *)
    let count = site.operands[1].elementCount / batches
    let reader = IndexReader(site.operands[1], countsFromBack: countsFromBack)
    return Kernel { operands, results, _ in
      for row in 0..<batches * outer {
        for place in 0..<count {
          let index = reader.index(operands[1], at: row / outer * count + place, among: length)
          results[0].copy(
            bytes, of: operands[0], from: (row * length + index) * bytes,
            to: (row * count + place) * bytes)
        }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Gather(axis: 1),
      [
        Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 4, 5, 6]),
        Tensor(TensorType(.i32, [2]), numbers: [2, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [3, 1, 6, 4])]),
    Example(
      Gather(axis: 1, batchAxes: 1),
      [
        Tensor(TensorType(.i8, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i64, [2, 1]), numbers: [9, -9]),
      ],
      gives: [Tensor(TensorType(.i8, [2, 1]), numbers: [2, 3])]),
    Example(
      Gather(axis: 0, countsFromBack: true),
      [
        Tensor(TensorType(.f32, [3]), numbers: [1, 2, 3]),
        Tensor(TensorType(.i64, [2]), numbers: [-1, -3]),
      ],
      gives: [Tensor(TensorType(.f32, [2]), numbers: [3, 1])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badBatch(_ batchAxes: Int, _ table: Shape, _ indices: Shape) -> Self {
    Self(
      id: "bad-gather", .malformed,
      "`gather` with \(batchAxes) batch axes cannot take indices \(indices) of a table \(table)")
  }
}
