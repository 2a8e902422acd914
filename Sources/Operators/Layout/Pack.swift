import GraphIR
import Support
import Tensors

/// Operands of one shape side by side along a new axis.
/// They are quantized alike, and there are at most 4096.
public struct Pack: Operator {
  public static let name = "pack"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The new axis, by its place in the result; a negative one counts from the back.
  public var axis: Int

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1, of the result's rank.
  public init(axis: Int) { self.axis = axis }

  /// The operands' shape with their number as a new extent.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...4096, Self.name)
    let first = operands[0]
    let axis = try ElementChecks.axis(axis, rank: first.shape.rank + 1, Self.name)
    for index in operands.indices {
      try ElementChecks.shape(operands, index, first.shape, Self.name)
    }
    var extents = first.shape.extents
    extents.insert(operands.count, at: axis)
    guard let shape = Shape(checking: extents), operands.allSatisfy({ $0.element == first.element })
    else { throw Diagnostic(.differentOperands(operands.map(\.element))) }
    return [first.moved(into: shape)]
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(results[0], Self.name)
    for operand in operands {
      try ElementChecks.sameQuantization(operand, results[0], Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let whole = site.results[0].shape
    let axis = try ElementChecks.axis(axis, rank: whole.rank, Self.name)
    let width = site.results[0].element.bitWidth / 8
    let views = site.operands.indices.map { StridedView(slice: $0, axis, of: whole) }
    return Kernel { operands, results, _ in
      for (view, operand) in zip(views, operands) {
        StridedCopy.scatter(operand, view, into: results[0], elementBytes: width)
      }
    }
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Pack(axis: 1),
      [
        Tensor(TensorType(.i32, [2]), numbers: [1, 2]),
        Tensor(TensorType(.i32, [2]), numbers: [3, 4]),
      ],
      gives: [Tensor(TensorType(.i32, [2, 2]), numbers: [1, 3, 2, 4])])
  ]
}

extension StridedView {
  /// What lies at one index of an axis.
  init(slice index: Int, _ axis: Int, of whole: Shape) {
    var (extents, strides) = (whole.extents, whole.strides)
    let base = index * strides[axis]
    extents.remove(at: axis)
    strides.remove(at: axis)
    self.init(Shape(extents), base: base, strides: strides)
  }
}

extension Diagnostic.Message {
  fileprivate static func differentOperands(_ found: [ElementType]) -> Self {
    let list = found.map(\.rawValue).joined(separator: ", ")
    return Self(id: "mixed-elements", .malformed, "operands of `pack` have element types \(list)")
  }
}
