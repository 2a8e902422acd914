import GraphIR
import Support
import Tensors

/// What lies at each index of an axis, as results without that axis.
public struct Unpack: Operator {
  public static let name = "unpack"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The axis that vanishes; a negative one counts from the back.
  public var axis: Int

  public init() { self.init(axis: 0) }

  /// - Parameter axis: from −rank to rank − 1, with an extent of at most 4096.
  public init(axis: Int) { self.axis = axis }

  /// One result for each index of the axis, at most 4096, with the remaining extents.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let operand = operands[0]
    let axis = try ElementChecks.axis(axis, rank: operand.shape.rank, Self.name)
    guard operand.shape[axis] <= 4096 else {
      throw Diagnostic(.tooManyResults(operand.shape[axis]))
    }
    let slice = StridedView(slice: 0, axis, of: operand.shape).shape
    return Array(
      repeating: operand.moved(into: slice), count: operand.shape[axis])
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
    return StridedCopy.kernel(
      site.results.indices.map { StridedView(slice: $0, axis, of: whole) }, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      Unpack(axis: 1),
      [Tensor(TensorType(.i32, [2, 2]), numbers: [1, 3, 2, 4])],
      gives: [
        Tensor(TensorType(.i32, [2]), numbers: [1, 2]),
        Tensor(TensorType(.i32, [2]), numbers: [3, 4]),
      ])
  ]
}

extension Diagnostic.Message {
  fileprivate static func tooManyResults(_ count: Int) -> Self {
    Self(id: "too-many-results", .unsupported, "`unpack` would have \(count) results")
  }
}
