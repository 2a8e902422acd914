import GraphIR
import Support
import Tensors

/// The operand repeated along each axis.
public struct Repeat: Operator {
  public static let name = "tile"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// For each axis, how often the operand is repeated.
  public var counts: [Int]

  public init() { self.init(counts: []) }

  /// - Parameter counts: 1 or more for each axis.
  public init(counts: [Int]) { self.counts = counts }

  /// Each extent times its count.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let extents = operands[0].shape.extents
    guard counts.count == extents.count,
      let shape = Shape(checking: zip(extents, counts).map { Work.product($0, max($1, 0)) })
    else { throw Diagnostic(.badCounts(counts, operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  /// Each axis becomes two: one that repeats, and one that steps through the operand.
  public func kernel(for site: Site) throws -> Kernel {
    let shape = site.operands[0].shape
    let view = StridedView(
      Shape(zip(counts, shape.extents).flatMap { [$0, $1] }),
      strides: shape.strides.flatMap { [0, $0] })
    return StridedCopy.kernel(view, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Repeat(counts: [2, 2]),
      [Tensor(TensorType(.i32, [1, 2]), numbers: [1, 2])],
      gives: [Tensor(TensorType(.i32, [2, 4]), numbers: [1, 2, 1, 2, 1, 2, 1, 2])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badCounts(_ counts: [Int], _ shape: Shape) -> Self {
    Self(id: "bad-tile", .malformed, "`tile` cannot repeat \(shape) \(counts) times")
  }
}
