import GraphIR
import Support
import Tensors

/// The operand with the first elements along an axis in reverse order, as many as a length says for each index of
/// another axis.
///
/// Operands: a tensor; lengths of `i32` or `i64` elements, which are limited to what the axis has.
///
/// TFLite and ONNX: `REVERSE_SEQUENCE`, `ReverseSequence`.
public struct ReverseSequence: Operator {
  public static let name = "reverse_sequence"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// The axis along which elements are reversed.
  public var axis: Int
  /// The axis that lengths are counted along.
  public var batchAxis: Int

  public init() { self.init(axis: 1) }

  /// - Parameter axis, batchAxis: two different ones, from −rank to rank − 1.
  public init(axis: Int, batchAxis: Int = 0) {
    self.axis = axis
    self.batchAxis = batchAxis
  }

  /// The operand's type; there is a length for each index of the batch axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (axis, batchAxis) = try axes(operands[0].shape)
    guard axis != batchAxis else { throw Diagnostic(.sameAxis(axis)) }
    try ElementChecks.shape(operands, 1, [operands[0].shape[batchAxis]], Self.name)
    return [operands[0]]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  private func axes(_ shape: Shape) throws -> (axis: Int, batchAxis: Int) {
    (
      try ElementChecks.axis(axis, rank: shape.rank, Self.name),
      try ElementChecks.axis(batchAxis, rank: shape.rank, Self.name)
    )
  }

  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let (axis, batchAxis) = try axes(shape)
    let rows = try AxisRows(axis, of: shape, Self.name)
    let batchStride = shape.strides[batchAxis]
    let width = site.results[0].element.bitWidth / 8
    let reader = IndexReader(site.operands[1])
    return Kernel { operands, results, _ in
      rows.forEach { start in
        let batch = start / batchStride % shape[batchAxis]
        let length = reader.index(operands[1], at: batch, among: rows.length + 1)
        for place in 0..<rows.length {
          let source = place < length ? length - 1 - place : place
          results[0].copy(
            width, of: operands[0], from: (start + source * rows.stride) * width,
            to: (start + place * rows.stride) * width)
        }
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      ReverseSequence(axis: 1),
      [
        Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 4, 5, 6]),
        Tensor(TensorType(.i32, [2]), numbers: [2, 9]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [2, 1, 3, 6, 5, 4])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func sameAxis(_ axis: Int) -> Self {
    Self(
      id: "same-axis", .malformed,
      "`reverse_sequence` has axis \(axis) for both the sequences and their lengths")
  }
}
