import GraphIR
import Support
import Tensors

/// Every `step`-th element from `begin` on, `size` of them along each axis. A negative step goes backwards.
///
/// Slices of other forms (ends, masks, negative indices) are brought to this one when a model is read.
///
/// TFLite: `STRIDED_SLICE` and `SLICE`. ONNX: `Slice`.
public struct StridedSlice: Operator {
  public static let name = "strided_slice"
  public static let acceptsEmpty = true
  public static let elements = ElementType.allCases.filter { $0.bitWidth >= 8 }
  /// The index of the first element along each axis, counted from the front.
  public var begin: [Int]
  /// The extents of the result.
  public var size: [Int]
  /// The distance between elements along each axis, not 0.
  public var step: [Int]

  public init() { self.init(begin: [], size: [], step: []) }

  /// - Parameter step: 1 for each axis if it is left out.
  public init(begin: [Int], size: [Int], step: [Int]? = nil) {
    self.begin = begin
    self.size = size
    self.step = step ?? begin.map { _ in 1 }
  }

  /// `size`, if the first and the last element along each axis lie inside the operand.
  public func resultTypes(_ operands: [TensorType]) throws -> [TensorType] {
    try ElementChecks.count(operands, 1...1, Self.name)
    let extents = operands[0].shape.extents
    guard [begin, size, step].allSatisfy({ $0.count == extents.count }),
      let shape = Shape(checking: size), extents.indices.allSatisfy({ isInside($0, extents[$0]) })
    else { throw Diagnostic(.badSlice(begin, size, step, operands[0].shape)) }
    return [operands[0].moved(into: shape)]
  }

  private func isInside(_ axis: Int, _ extent: Int) -> Bool {
    let travel = (size[axis] - 1).multipliedReportingOverflow(by: step[axis])
    let last = begin[axis].addingReportingOverflow(travel.partialValue)
    guard size[axis] > 0 else { return step[axis] != 0 }
    guard step[axis] != 0, !travel.overflow, !last.overflow else { return false }
    return (0..<extent).contains(begin[axis]) && (0..<extent).contains(last.partialValue)
  }

  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.wholeBytes(operands[0], Self.name)
    try ElementChecks.sameQuantization(operands[0], results[0], Self.name)
  }

  public func kernel(for site: Site) throws -> Kernel {
    // Where there is only one element, the step may be anything.
    let step = zip(size, step).map { $0 > 1 ? $1 : 1 }
    let view = StridedView(
      site.results[0].shape, of: site.operands[0].shape, begin: begin, step: step)
    return StridedCopy.kernel(view, of: site)
  }

  public func work(_ operands: [TensorType], _ results: [TensorType]) -> Work { Work() }

  public static let examples = [
    Example(
      StridedSlice(begin: [0, 3], size: [2, 2], step: [1, -2]),
      [Tensor(TensorType(.i16, [2, 4]), numbers: [1, 2, 3, 4, 5, 6, 7, 8])],
      gives: [Tensor(TensorType(.i16, [2, 2]), numbers: [4, 2, 8, 6])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badSlice(
    _ begin: [Int], _ size: [Int], _ step: [Int], _ shape: Shape
  ) -> Self {
    Self(
      id: "bad-slice", .malformed,
      "`strided_slice` from \(begin), \(size) long, by \(step), leaves \(shape)")
  }
}
