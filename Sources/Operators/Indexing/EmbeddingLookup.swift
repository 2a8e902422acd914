import GraphIR
import Support
import Tensors

/// Rows of a table of quantized numbers, as real ones: `y = (x − zeroPoint) · scale`. An index outside is taken for the
/// nearest inside, where LiteRT ends with an error.
///
/// Operands: indices of `i16`, `i32` or `i64` elements; a table of `i8` or `u8` elements with one scale, or one for each
/// row.
///
/// TFLite: `EMBEDDING_LOOKUP` with a result of `f32`; a result of the table's own type is a `gather`.
public struct EmbeddingLookup: Operator {
  public static let name = "embedding_lookup"
  public static let elements = IndexReader.elements

  public init() {}

  /// The extents of the indices, then those of a row.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    guard operands[1].shape.rank > 0,
      let shape = Shape(
        checking: operands[0].shape.extents + operands[1].shape.extents.dropFirst())
    else { throw Diagnostic(.noRows(operands[1].shape)) }
    return [TensorType(.f32, shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.indices(operands, 0, Self.name)
    try ElementChecks.sameElements([operands[1]], [.i8, .u8], Self.name)
    guard operands[1].quantization?.axis != 0 else { return }
    _ = try ElementChecks.perTensor(operands[1], "operand 1", Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let table = site.operands[1]
    let quantization = table.quantization ?? Quantization(scale: 1)
    let (rows, length) = (table.shape[0], table.elementCount / table.shape[0])
    let count = site.operands[0].elementCount
    let reader = IndexReader(site.operands[0])
    return Kernel { operands, results, _ in
      let y = results[0].pointer(to: Float.self)
      for place in 0..<count {
        let row = reader.index(operands[0], at: place, among: rows)
        let scale = quantization.scales[row % quantization.scales.count]
        let zeroPoint = Double(quantization.zeroPoints[row % quantization.scales.count])
        for column in 0..<length {
          let steps = table.element.load(from: operands[1], at: row * length + column) - zeroPoint
          y[place * length + column] = Float(steps) * scale
        }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(results[0])
  }

  public static let examples = [
    Example(
      EmbeddingLookup(),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 0]),
        Tensor(TensorType(.i8, [2, 2], Quantization(scale: 0.5)), numbers: [1, 2, 3, 4]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1.5, 2, 0.5, 1])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func noRows(_ shape: Shape) -> Self {
    Self(id: "bad-embedding", .malformed, "the table \(shape) of `embedding_lookup` has no rows")
  }
}
