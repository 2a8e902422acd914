import GraphIR
import Support
import Tensors

/// For each index the element of the table at its own place, but along one axis at the index. An index outside is taken
/// for the nearest inside.
///
/// Operands: a table, and indices of `i16`, `i32` or `i64` elements; negative ones count from the back.
///
/// ONNX: `GatherElements`.
public struct GatherElements: Operator {
  public static let name = "gather_elements"
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  public static let acceptsEmpty = true
  /// The axis of the table that the indices count along; a negative one counts from the back.
  public var axis: Int

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1.
  public init(axis: Int) { self.axis = axis }

  /// The extents of the indices, which are no larger than the table's but along the axis.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let (table, indices) = (operands[0].shape, operands[1].shape)
    _ = try PointedElements(axis, of: table, at: indices, Self.name)
    return [operands[0].moved(into: indices)]
  }

  /// Elements are only moved, so table and result are quantized alike.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.indices(operands, 1, Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    let pointed = try PointedElements(
      axis, of: site.operands[0].shape, at: site.operands[1].shape, Self.name)
    let width = site.results[0].element.bitWidth / 8
    let reader = IndexReader(site.operands[1], countsFromBack: true)
    return Kernel { operands, results, _ in
      pointed.forEach { number, start in
        let index = reader.index(operands[1], at: number, among: pointed.length)
        results[0].copy(
          width, of: operands[0], from: (start + index * pointed.stride) * width,
          to: number * width)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      GatherElements(axis: 1),
      [
        Tensor(TensorType(.f32, [2, 2]), numbers: [1, 2, 3, 4]),
        Tensor(TensorType(.i64, [2, 2]), numbers: [0, 0, -1, 0]),
      ],
      gives: [Tensor(TensorType(.f32, [2, 2]), numbers: [1, 1, 4, 3])])
  ]
}

/// Elements of a tensor that indices of the same rank point to: each lies where its index lies, but for one axis.
struct PointedElements: Sendable {
  /// The tensor's extent along the axis.
  let length: Int
  /// The distance between neighbours along the axis.
  let stride: Int
  private let view: StridedView

  /// - Throws: a `Diagnostic` if the indices leave the tensor elsewhere than along the axis.
  init(_ axis: Int, of whole: Shape, at indices: Shape, _ kind: String) throws {
    let axis = try ElementChecks.axis(axis, rank: whole.rank, kind)
    guard indices.rank == whole.rank, indices.extents.contains(0) || whole[axis] > 0,
      indices.extents.indices.allSatisfy({ $0 == axis || indices[$0] <= whole[$0] })
    else { throw Diagnostic(.indicesDoNotFit(indices, whole, kind)) }
    length = whole[axis]
    var strides = whole.strides
    stride = strides[axis]
    strides[axis] = 0
    view = StridedView(indices, strides: strides)
  }

  /// Calls `body` for each index in row-major order, with the offset of the element that the index 0 would point to.
  func forEach(_ body: (_ number: Int, _ start: Int) -> Void) {
    let run = view.run
    var number = 0
    view.forEachRun { offset in
      for place in 0..<run.count {
        body(number, offset + place * run.stride)
        number += 1
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func indicesDoNotFit(_ indices: Shape, _ whole: Shape, _ kind: String) -> Self
  {
    Self(
      id: "indices-do-not-fit", .malformed,
      "indices of shape \(indices) do not point into a tensor of shape \(whole) in `\(kind)`")
  }
}
