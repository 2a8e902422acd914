import GraphIR
import Support
import Tensors

/// For each index a row that holds `on` at the index and `off` elsewhere; an index outside gives a row of `off`.
///
/// Operands: indices of `i32` or `i64` elements; `on` and `off`, of one element each.
///
/// TFLite and ONNX: `ONE_HOT`, `OneHot`.
public struct OneHot: Operator {
  public static let name = "one_hot"
  public static let elements = IndexReader.elements
  public static let acceptsEmpty = true
  /// The length of a row.
  public var depth: Int
  /// The place of the rows' axis in the result; a negative one counts from the back.
  public var axis: Int
  /// Whether a negative index counts from the back, as in ONNX; else it lies outside.
  public var countsFromBack: Bool

  public init() { self.init(depth: 1) }

  /// - Parameters:
  ///   - depth: 1 or more.
  ///   - axis: from −rank to rank − 1, of the result's rank.
  public init(depth: Int, axis: Int = -1, countsFromBack: Bool = false) {
    self.depth = depth
    self.axis = axis
    self.countsFromBack = countsFromBack
  }

  /// The extents of the indices, with `depth` as a new one.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let axis = try ElementChecks.axis(axis, rank: operands[0].shape.rank + 1, Self.name)
    var extents = operands[0].shape.extents
    extents.insert(depth, at: axis)
    guard let shape = Shape(checking: extents), operands[1].elementCount == 1,
      operands[2].elementCount == 1
    else { throw Diagnostic(.badRows(depth, operands.map(\.shape))) }
    return [TensorType(operands[1].element, shape, operands[1].quantization)]
  }

  /// `on`, `off` and the result are of one type, because elements are only moved.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.indices(operands, 0, Self.name)
    try ElementChecks.wholeBytes(operands[1], Self.name)
    try ElementChecks.sameElements(
      Array(operands.dropFirst()), ElementType.allCases, Self.name)
    try ElementChecks.sameQuantization(operands[1], operands[2], Self.name)
    try ElementChecks.sameQuantization(operands[1], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let rows = try AxisRows(axis, of: site.results[0].shape, Self.name)
    let width = site.results[0].element.bitWidth / 8
    let reader = IndexReader(site.operands[0], countsFromBack: countsFromBack)
    return Kernel { operands, results, _ in
      var row = 0
      rows.forEach { start in
        let hot = reader.indexFromFront(operands[0], at: row, among: rows.length)
        for place in 0..<rows.length {
          results[0].copy(
            width, of: operands[place == hot ? 1 : 2], from: 0,
            to: (start + place * rows.stride) * width)
        }
        row += 1
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      OneHot(depth: 3),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 7]), Tensor(TensorType(.f32, []), numbers: [1]),
        Tensor(TensorType(.f32, []), numbers: [0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [0, 1, 0, 0, 0, 0])]),
    Example(
      OneHot(depth: 3, countsFromBack: true),
      [
        Tensor(TensorType(.i64, [2]), numbers: [-1, -4]),
        Tensor(TensorType(.i32, [1]), numbers: [5]), Tensor(TensorType(.i32, [1]), numbers: [2]),
      ],
      gives: [Tensor(TensorType(.i32, [2, 3]), numbers: [2, 2, 5, 2, 2, 2])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badRows(_ depth: Int, _ shapes: [Shape]) -> Self {
    Self(
      id: "bad-one-hot", .malformed,
      "`one_hot` cannot make rows of \(depth) elements from \(shapes)")
  }
}
