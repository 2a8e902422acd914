import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that move elements, or tell of shapes, and what they become.
extension ONNXImporter {
  static let layout: [String: ONNXConverter] = [
    "Concat": { node, builder in
      let axis = try node.integer("axis", default: node.version < 4 ? 1 : nil)
      return [.tensor(try builder.apply(Concatenation(axis: axis), node.allOperands()))]
    },
    "Expand": { node, builder in
      let shape = try builder.integers(node.operand(1), "the shape of `Expand`")
      return [.tensor(try builder.expand(node.operand(0), shape))]
    },
    "Flatten": { node, builder in
      let operand = try node.operand(0)
      let extents = builder.shape(operand).extents
      let axis = try node.integer("axis", default: 1)
      // Behind the last axis there is a place too.
      let place = axis == extents.count ? axis : try node.axis(axis, rank: extents.count)
      let flat = [extents[..<place].reduce(1, *), extents[place...].reduce(1, *)]
      return [.tensor(try builder.reshape(operand, flat))]
    },
    "Pad": { node, builder in
      let pads = try ONNXPads(node, builder)
      let cropped = try builder.crop(node.operand(0), pads)
      return [.tensor(try builder.pad(cropped, pads, node))]
    },
    "Reshape": { node, builder in
      let operand = try node.operand(0)
      let shape = try node.reshapedExtents(builder.shape(operand), builder)
      return [.tensor(try builder.reshape(operand, shape))]
    },
    "Slice": { node, builder in
      let operand = try node.operand(0)
      let slice = try ONNXSlice(node, of: builder.shape(operand), builder)
      guard slice.leavesOut else { return [.tensor(operand)] }
      let op = StridedSlice(begin: slice.begin, size: slice.size, step: slice.step)
      return [.tensor(try builder.apply(op, operand))]
    },
    "Split": { node, builder in
      let operand = try node.operand(0)
      let shape = builder.shape(operand)
      let axis = try node.axis(node.integer("axis", default: 0), rank: shape.rank)
      let sizes = try node.splitSizes(of: shape[axis], builder)
      return try builder.split(operand, axis, sizes).map { .tensor($0) }
    },
    "Squeeze": { node, builder in
      let operand = try node.operand(0)
      var extents = builder.shape(operand).extents
      let axes = try node.axes(rank: extents.count, builder)
      for axis in (axes ?? extents.indices.filter { extents[$0] == 1 }).reversed() {
        extents.remove(at: axis)
      }
      return [.tensor(try builder.reshape(operand, extents))]
    },
    "Tile": { node, builder in
      let operand = try node.operand(0)
      let counts = try node.tileCounts(rank: builder.shape(operand).rank, builder)
      guard counts.contains(where: { $0 != 1 }) else { return [.tensor(operand)] }
      return [.tensor(try builder.apply(Repeat(counts: counts), operand))]
    },
    "Transpose": { node, builder in
      let operand = try node.operand(0)
      let reversed = Array(builder.shape(operand).extents.indices.reversed())
      let permutation = try node.integers("perm") ?? reversed
      return [.tensor(try builder.apply(Transpose(permutation: permutation), operand))]
    },
    "Unsqueeze": { node, builder in
      let operand = try node.operand(0)
      var extents = builder.shape(operand).extents
      let count = try node.axisList(builder)?.count ?? 0
      for axis in try node.axes(rank: extents.count + count, builder) ?? [] {
        extents.insert(1, at: axis)
      }
      return [.tensor(try builder.reshape(operand, extents))]
    },
  ]
}

extension ONNXNode {
  /// The axes of `Squeeze` and `Unsqueeze` as the file has them; nil where there are none.
  fileprivate func axisList(_ builder: ONNXGraphBuilder) throws -> [Int]? {
    guard version >= 13 else { return try integers("axes") }
    return try optional(1).map { try builder.integers($0, "the axes of `\(kind)`") }
  }

  /// The axes from the front, in order, each once; nil where there are none.
  fileprivate func axes(rank: Int, _ builder: ONNXGraphBuilder) throws -> [Int]? {
    guard let list = try axisList(builder) else { return nil }
    let axes = Set(try list.map { try axis($0, rank: rank) })
    guard axes.count == list.count else { throw Diagnostic(.repeatedAxis(kind, list)) }
    return axes.sorted()
  }

  /// The new extents of `Reshape`, in which 0 may stand for the old extent, and −1 for what is left.
  fileprivate func reshapedExtents(_ old: Shape, _ builder: ONNXGraphBuilder) throws -> [Int] {
    let list =
      try version < 5
      ? integers("shape") ?? [] : builder.integers(operand(1), "the shape of `Reshape`")
    let keepsZeros = try integer("allowzero", default: 0) != 0
    var extents = list
    for axis in list.indices where list[axis] == 0 && !keepsZeros {
      guard axis < old.rank else { throw Diagnostic(.noExtent(axis, old)) }
      extents[axis] = old[axis]
    }
    let known = Shape(checking: extents.filter { $0 != -1 })?.elementCount ?? 0
    guard let open = extents.firstIndex(of: -1), known > 0 else { return extents }
    extents[open] = old.elementCount / known
    return extents
  }

  /// How much of an axis each result gets: what the file says, or equal parts, the last being smaller where there is a rest.
  fileprivate func splitSizes(of extent: Int, _ builder: ONNXGraphBuilder) throws -> [Int] {
    if let sizes = try integers("split") { return sizes }
    if let sizes = try optional(1) {
      return try builder.integers(sizes, "the sizes of `Split`")
    }
    let count = try integer("num_outputs", default: resultNames.count)
    guard (1...4096).contains(count) else { throw Diagnostic(.partCount(count)) }
    let size = (extent + count - 1) / count
    return (0..<count).map { min(size, max(extent - $0 * size, 0)) }
  }

  /// How often `Tile` repeats its operand along each axis; at first it could do so along one only.
  fileprivate func tileCounts(rank: Int, _ builder: ONNXGraphBuilder) throws -> [Int] {
    let numbers = try builder.integers(operand(1), "the repeats of `Tile`")
    guard version < 6 else { return numbers }
    let axes = try builder.integers(operand(2), "the axis of `Tile`")
    var counts = Array(repeating: 1, count: rank)
    counts[try axis(axes.first ?? 0, rank: rank)] = numbers.first ?? 1
    return counts
  }
}

extension ONNXGraphBuilder {
  /// The value stretched by NumPy's rule, as if it met a tensor of the given shape.
  mutating func expand(_ value: ValueID, _ extents: [Int]) throws -> ValueID {
    let own = shape(value).extents
    let rank = max(own.count, extents.count)
    let (a, b) = (Self.aligned(own, rank), Self.aligned(extents, rank))
    let whole = zip(a, b).map { $1 == 1 ? $0 : $1 }
    return whole == own ? value : try apply(BroadcastTo(shape: whole), value)
  }

  private static func aligned(_ extents: [Int], _ rank: Int) -> [Int] {
    Array(repeating: 1, count: rank - extents.count) + extents
  }

  /// Parts of a value along an axis; the value itself if there is only one.
  mutating func split(_ value: ValueID, _ axis: Int, _ sizes: [Int]) throws -> [ValueID] {
    // A value without the axis is refused by the operator.
    shape(value).rank > axis && sizes == [shape(value)[axis]]
      ? [value] : try insert(Split(axis: axis, sizes: sizes), [value])
  }
}

extension Diagnostic.Message {
  fileprivate static func repeatedAxis(_ kind: String, _ axes: [Int]) -> Self {
    Self(id: "repeated-axis", .malformed, "`\(kind)` has an axis twice in \(axes)")
  }

  fileprivate static func noExtent(_ axis: Int, _ shape: Shape) -> Self {
    Self(
      id: "element-count-changes", .malformed,
      "`Reshape` would keep extent \(axis) of \(shape), which does not have so many")
  }

  fileprivate static func partCount(_ count: Int) -> Self {
    Self(id: "bad-split", .malformed, "`Split` cannot give \(count) results")
  }
}
