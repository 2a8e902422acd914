import GraphIR
import Support
import Tensors

/// Zeros, to which elements or slices are added at given places. Sums of integers wrap; what would be added outside is
/// left out, where LiteRT ends with an error.
///
/// Operands: places of `i16`, `i32` or `i64` elements, whose last axis holds an index for each of the result's first
/// axes; and what is added there. Numbers are taken as they are stored: scales play no part.
///
/// TFLite: `SCATTER_ND`.
public struct ScatterND: Operator {
  public static let name = "scatter_nd"
  public static let elements = IndexReader.elements
  /// The extents of the result.
  public var shape: [Int]

  private static let updates: [ElementType] = [.f32, .i8, .u8, .i32, .i64, .bool]

  public init() { self.init(shape: []) }

  /// - Parameter shape: positive extents.
  public init(shape: [Int]) { self.shape = shape }

  /// `shape`; the second operand has the extents of the places without the last, then those that no index is for.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 2...2, Self.name)
    let places = operands[0].shape
    guard let whole = Shape(checking: shape), let depth = places.extents.last, depth <= whole.rank
    else { throw Diagnostic(.badPlaces(shape, places)) }
    let slices = Shape(places.extents.dropLast() + whole.extents.dropFirst(depth))
    try ElementChecks.shape(operands, 1, slices, Self.name)
    return [operands[1].moved(into: whole)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.indices(operands, 0, Self.name)
    try ElementChecks.sameElements([operands[1]], Self.updates, Self.name)
    try ElementChecks.sameQuantization(operands[1], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    switch site.results[0].element {
    case .f32: kernel(site) { (a: Float, b) in a + b }
    case .i32: kernel(site) { (a: Int32, b) in a &+ b }
    case .i64: kernel(site) { (a: Int64, b) in a &+ b }
    case .bool: kernel(site) { (a: UInt8, b) in a | b }
    default: kernel(site) { (a: UInt8, b) in a &+ b }
    }
  }

  private func kernel<Number: BitwiseCopyable & Sendable>(
    _ site: Site, _ add: @escaping @Sendable (Number, Number) -> Number
  ) -> Kernel {
    let slices = IndexedSlices(of: site.results[0], places: site.operands[0])
    let width = MemoryLayout<Number>.stride
    let length = slices.byteCount / width
    return Kernel { operands, results, _ in
      for index in results[0].indices { results[0][index] = 0 }
      let (x, y) = (operands[1].pointer(to: Number.self), results[0].pointer(to: Number.self))
      for number in 0..<slices.count {
        guard let start = slices.offset(operands[0], at: number, isClamped: false) else { continue }
        for index in 0..<length {
          y[start / width + index] = add(y[start / width + index], x[number * length + index])
        }
      }
    }
  }

  /// One addition for each element of the second operand.
  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work {
    .elementwise(operands[1])
  }

  public static let examples = [
    Example(
      ScatterND(shape: [4]),
      [
        Tensor(TensorType(.i32, [4, 1]), numbers: [2, 0, 2, 7]),
        Tensor(TensorType(.f32, [4]), numbers: [1, 2, 3, 4]),
      ],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [2, 0, 4, 0])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badPlaces(_ shape: [Int], _ places: Shape) -> Self {
    Self(
      id: "bad-places", .malformed,
      "places of shape \(places) do not index a result of shape \(shape) in `scatter_nd`")
  }
}
