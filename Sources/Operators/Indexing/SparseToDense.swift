import GraphIR
import Support
import Tensors

/// A tensor that is the same everywhere but at given places. Of what is put at one place twice, the last stays, and what
/// would be put outside is left out.
///
/// Operands: places of `i32` or `i64` elements, which are one index for each, or behind the last axis an index for each axis of
/// the result; what is put there, an element for each place or one for all; and what is everywhere else.
///
/// TFLite: `SPARSE_TO_DENSE`.
public struct SparseToDense: Operator {
  public static let name = "sparse_to_dense"
  public static let elements = IndexReader.elements
  /// The extents of the result.
  public var shape: [Int]

  public init() { self.init(shape: [1]) }

  /// - Parameter shape: positive extents.
  public init(shape: [Int]) { self.shape = shape }

  /// `shape`, with the elements that are put there.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 3...3, Self.name)
    let places = Self.listed(operands[0].shape)
    guard let whole = Shape(checking: shape), places.rank == 2, places[1] == whole.rank else {
      throw Diagnostic(.badPlaces(shape, operands[0].shape))
    }
    if operands[1].elementCount != 1 {
      try ElementChecks.shape(operands, 1, [places[0]], Self.name)
    }
    guard operands[2].elementCount == 1 else {
      throw Diagnostic(.badDefault(operands[2].shape))
    }
    return [operands[1].moved(into: whole)]
  }

  /// Places as a list of lists.
  private static func listed(_ places: Shape) -> Shape {
    places.rank < 2 ? [places.elementCount, 1] : places
  }

  /// Elements are moved as they are stored.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.indices(operands, 0, Self.name)
    let movable = ElementType.allCases.filter { $0.bitWidth >= 8 }
    try ElementChecks.sameElements(Array(operands.dropFirst()), movable, Self.name)
    for operand in operands.dropFirst() {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let places = TensorType(site.operands[0].element, Self.listed(site.operands[0].shape))
    let slices = IndexedSlices(of: site.results[0], places: places)
    let (width, count) = (slices.byteCount, site.results[0].elementCount)
    let step = site.operands[1].elementCount == 1 ? 0 : width
    return Kernel { operands, results, _ in
      for index in 0..<count { results[0].copy(width, of: operands[2], from: 0, to: index * width) }
      for number in 0..<slices.count {
        guard let place = slices.offset(operands[0], at: number, isClamped: false) else { continue }
        results[0].copy(width, of: operands[1], from: number * step, to: place)
      }
    }
  }

  /// None: elements are moved.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      SparseToDense(shape: [2, 3]),
      [
        Tensor(TensorType(.i32, [2, 2]), numbers: [0, 1, 1, 2]),
        Tensor(TensorType(.f32, [2]), numbers: [5, 6]),
        Tensor(TensorType(.f32, []), numbers: [-1]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 3]), numbers: [-1, 5, -1, -1, -1, 6])]),
    Example(
      SparseToDense(shape: [4]),
      [
        Tensor(TensorType(.i64, [3]), numbers: [3, 0, 9]),
        Tensor(TensorType(.i8, []), numbers: [7]),
        Tensor(TensorType(.i8, []), numbers: [1]),
      ],
      gives: [Tensor(TensorType(.i8, [4]), numbers: [7, 1, 1, 7])]),
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPlaces(_ shape: [Int], _ places: Shape) -> Self {
    Self(
      id: "bad-places", .malformed,
      "places of shape \(places) do not index a result of shape \(shape) in `sparse_to_dense`")
  }

  fileprivate static func badDefault(_ found: Shape) -> Self {
    Self(
      id: "bad-default", .malformed,
      "what `sparse_to_dense` has everywhere else is of shape \(found), expected one element")
  }
}
