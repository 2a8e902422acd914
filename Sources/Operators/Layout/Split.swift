import GraphIR
import Support
import Tensors

/// The parts of the operand along an axis, of the given sizes.
///
/// TFLite: `SPLIT` and `SPLIT_V`.
public struct Split: Operator {
  public static let name = "split"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The axis that is cut; a negative one counts from the back.
  public var axis: Int
  /// The extents of the results along the axis; they add up to the operand's.
  public var sizes: [Int]

  public init() { self.init(axis: 0, sizes: []) }

  /// - Parameters:
  ///   - axis: from −rank to rank − 1.
  ///   - sizes: a number for each result, none negative.
  public init(axis: Int, sizes: [Int]) {
    self.axis = axis
    self.sizes = sizes
  }

  /// A result for each of `sizes`, which add up to the operand's extent; at most 4096.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let operand = operands[0]
    let axis = try ElementChecks.axis(axis, rank: operand.shape.rank, Self.name)
    guard !sizes.isEmpty, sizes.count <= 4096,
      sizes.allSatisfy({ (0...operand.shape[axis]).contains($0) }),
      sizes.reduce(0, +) == operand.shape[axis]
    else { throw Diagnostic(.badSizes(sizes, operand.shape[axis])) }
    return sizes.map { size in
      var extents = operand.shape.extents
      extents[axis] = size
      return operand.moved(into: Shape(extents))
    }
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    for result in results {
      try ElementChecks.sameQuantization(operands[0], result, Self.name)
    }
  }

  public func kernel(for site: Site) throws -> Kernel {
    let whole = site.operands[0].shape
    let axis = try ElementChecks.axis(axis, rank: whole.rank, Self.name)
    var begin = 0
    let views = site.results.map { result in
      defer { begin += result.shape[axis] }
      return StridedView(
        result.shape, base: begin * whole.strides[axis], strides: whole.strides)
    }
    return StridedCopy.kernel(views, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Split(axis: -1, sizes: [1, 2]),
      [Tensor(TensorType(.f32, [2, 3]), numbers: [1, 2, 3, 4, 5, 6])],
      gives: [
        Tensor(TensorType(.f32, [2, 1]), numbers: [1, 4]),
        Tensor(TensorType(.f32, [2, 2]), numbers: [2, 3, 5, 6]),
      ])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badSizes(_ sizes: [Int], _ extent: Int) -> Self {
    Self(id: "bad-split", .malformed, "`split` of \(extent) indices into \(sizes) cannot be")
  }
}
