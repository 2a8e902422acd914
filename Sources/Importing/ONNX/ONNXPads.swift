import GraphIR
import Operators
import Support
import Tensors

/// How much a `Pad` adds to each axis, or takes away.
struct ONNXPads {
  /// In front; negative to take away.
  private(set) var before: [Int]
  /// Behind; negative to take away.
  private(set) var after: [Int]

  init(_ node: ONNXNode, _ builder: ONNXGraphBuilder) throws {
    let rank = try builder.shape(node.operand(0)).rank
    let pads = try node.padList(builder)
    let axes = try node.padAxes(rank: rank, builder)
    before = Array(repeating: 0, count: rank)
    after = before
    guard pads.count == 2 * axes.count, pads.allSatisfy({ abs($0) <= 1 << 40 }) else {
      throw Diagnostic(.badPads(pads, rank))
    }
    for (position, axis) in axes.enumerated() {
      before[axis] = pads[position]
      after[axis] = pads[axes.count + position]
    }
  }

  /// Whether nothing is added.
  var onlyCrop: Bool { (before + after).allSatisfy { $0 <= 0 } }
}

extension ONNXNode {
  /// What is added in front of each axis, then what behind.
  fileprivate func padList(_ builder: ONNXGraphBuilder) throws -> [Int] {
    let list =
      try version < 11
      ? integers(version < 2 ? "paddings" : "pads") ?? []
      : builder.integers(operand(1), "the pads of `Pad`")
    // The smallest integer has no magnitude.
    return list.map { max($0, -Int.max) }
  }

  fileprivate func padAxes(rank: Int, _ builder: ONNXGraphBuilder) throws -> [Int] {
    guard version >= 18, let axes = try optional(3) else { return Array(0..<rank) }
    return try builder.integers(axes, "the axes of `Pad`").map { try axis($0, rank: rank) }
  }
}

extension ONNXGraphBuilder {
  /// What negative pads leave.
  mutating func crop(_ value: ValueID, _ pads: ONNXPads) throws -> ValueID {
    let extents = shape(value).extents
    let begin = pads.before.map { max(-$0, 0) }
    let size = extents.indices.map { extents[$0] - begin[$0] + min(pads.after[$0], 0) }
    return size == extents ? value : try apply(StridedSlice(begin: begin, size: size), value)
  }

  /// The value with what positive pads add, as the node's mode says.
  mutating func pad(_ value: ValueID, _ pads: ONNXPads, _ node: ONNXNode) throws -> ValueID {
    guard !pads.onlyCrop else { return value }
    let (before, after) = (pads.before.map { max($0, 0) }, pads.after.map { max($0, 0) })
    switch try node.string("mode", default: "constant") {
    case "constant":
      return try padConstant(value, Pad(before: before, after: after), node)
    case "reflect":
      return try apply(MirrorPad(before: before, after: after), value)
    case "edge":
      return try apply(BorderPad(before: before, after: after, mode: .edge), value)
    case "wrap":
      return try apply(BorderPad(before: before, after: after, mode: .wrap), value)
    case let mode: throw Diagnostic(.unknownMode(mode))
    }
  }

  /// With a number of the node: an attribute where it can be one, so that it is seen at a glance.
  private mutating func padConstant(_ value: ValueID, _ pad: Pad, _ node: ONNXNode) throws
    -> ValueID
  {
    guard node.version >= 11 else {
      let number = try node.float("value", default: 0)
      guard number.isFinite else {
        return try apply(pad, value, scalar(Double(number), element(value)))
      }
      return try apply(pad.adding(number), value)
    }
    guard let added = try node.optional(2) else { return try apply(pad, value) }
    let number = tensor(added)?.storedNumbers.first.flatMap { Float(exactly: $0) }
    if let number, abs(number) < 0x1p24 { return try apply(pad.adding(number), value) }
    return try apply(pad, value, cast(reshape(added, []), to: element(value)))
  }
}

extension Pad {
  fileprivate func adding(_ number: Float) -> Pad {
    Pad(before: before, after: after, value: number)
  }
}

extension Diagnostic.Message {
  fileprivate static func badPads(_ pads: [Int], _ rank: Int) -> Self {
    Self(id: "bad-pads", .malformed, "`Pad` of a tensor of rank \(rank) cannot be by \(pads)")
  }

  fileprivate static func unknownMode(_ mode: String) -> Self {
    Self(id: "unknown-pad-mode", .malformed, "`Pad` has the unknown mode `\(mode)`")
  }
}
