import GraphIR
import Operators
import Support
import Tensors

/// A `Slice` with ends, negative indices and axes left out, as begin, size and step of each axis.
struct ONNXSlice {
  private(set) var begin: [Int]
  private(set) var size: [Int]
  private(set) var step: [Int]

  /// Whether the slice is less than the whole, or in another order.
  var leavesOut: Bool { size != extents || step.contains { $0 < 0 } }

  private let extents: [Int]

  init(_ node: ONNXNode, of shape: Shape, _ builder: ONNXGraphBuilder) throws {
    extents = shape.extents
    begin = extents.map { _ in 0 }
    size = extents
    step = extents.map { _ in 1 }
    let lists = try node.sliceLists(builder)
    guard lists.allSatisfy({ $0.count == lists[0].count }) else {
      throw Diagnostic(.differentLists(lists.map(\.count)))
    }
    for position in lists[0].indices {
      let axis = try node.axis(lists[2][position], rank: shape.rank)
      try take(axis, from: lists[0][position], to: lists[1][position], by: lists[3][position])
    }
  }

  /// Indices count from the back if they are negative, and those outside are taken for the nearest inside.
  private mutating func take(_ axis: Int, from start: Int, to end: Int, by step: Int) throws {
    guard step != 0 else { throw Diagnostic(.noStep) }
    let extent = extents[axis]
    func clamped(_ index: Int, to limits: ClosedRange<Int>) -> Int {
      min(max(index < 0 ? index + extent : index, limits.lowerBound), limits.upperBound)
    }
    // Backwards, a slice begins at the last index at most, and may end in front of the first.
    let first = clamped(start, to: 0...(step > 0 ? extent : max(extent - 1, 0)))
    let last = clamped(end, to: (step > 0 ? 0 : -1)...extent)
    let distance = extent == 0 ? 0 : step > 0 ? last - first : first - last
    begin[axis] = first
    size[axis] = distance > 0 ? (distance - 1) / Int(clamping: step.magnitude) + 1 : 0
    self.step[axis] = step
  }
}

extension ONNXNode {
  /// Starts, ends, axes and steps, which were attributes at first.
  fileprivate func sliceLists(_ builder: ONNXGraphBuilder) throws -> [[Int]] {
    guard version >= 10 else {
      let starts = try integers("starts") ?? []
      let axes = try integers("axes") ?? Array(starts.indices)
      return [starts, try integers("ends") ?? [], axes, starts.map { _ in 1 }]
    }
    let starts = try builder.integers(operand(1), "the starts of `Slice`")
    let ends = try builder.integers(operand(2), "the ends of `Slice`")
    let axes = try optional(3).map { try builder.integers($0, "the axes of `Slice`") }
    let steps = try optional(4).map { try builder.integers($0, "the steps of `Slice`") }
    return [starts, ends, axes ?? Array(starts.indices), steps ?? starts.map { _ in 1 }]
  }
}

extension Diagnostic.Message {
  fileprivate static func differentLists(_ counts: [Int]) -> Self {
    Self(
      id: "bad-slice-lists", .malformed,
      "`Slice` has \(counts[0]) starts, \(counts[1]) ends, \(counts[2]) axes and \(counts[3]) steps"
    )
  }

  fileprivate static var noStep: Self {
    Self(id: "bad-slice", .malformed, "`Slice` has a step of 0")
  }
}
