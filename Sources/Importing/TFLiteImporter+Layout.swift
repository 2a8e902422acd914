import GraphIR
import Operators
import Support
import Tensors

/// Operators of TFLite that move elements, and what they become.
extension TFLiteImporter {
  static let layout: [String: TFLiteConverter] = [
    "CONCATENATION": { node in
      guard try node.fusedActivation() == .none else { throw Diagnostic(.activatedConcatenation) }
      return node.becomesWithoutEmpty(Concatenation(axis: try node.integer("axis")))
    },
    // Its operand is expanded when it is read, so nothing is left to do.
    "DENSIFY": { $0.becomes(Reshape(shape: try $0.resultExtents())) },
    "EXPAND_DIMS": { $0.becomes(Reshape(shape: try $0.resultExtents()), operands: 1) },
    "MIRROR_PAD": { node in
      let pads = try node.pads()
      let repeatsBorder = try node.integer("mode") == 1
      return node.becomes(
        MirrorPad(before: pads.before, after: pads.after, repeatsBorder: repeatsBorder),
        operands: 1)
    },
    "PACK": { $0.becomes(Pack(axis: try $0.integer("axis"))) },
    "PAD": { node in
      let pads = try node.pads()
      return node.becomes(Pad(before: pads.before, after: pads.after), operands: 1)
    },
    "PADV2": { node in
      let pads = try node.pads()
      let value = try node.constantNumber(operand: 2)
      return node.becomes(Pad(before: pads.before, after: pads.after, value: value), operands: 1)
    },
    "RESHAPE": { node in
      let shape = try node.constantIntegers(operand: 1) ?? node.integers("new_shape")
      return node.becomes(Reshape(shape: try shape ?? node.resultExtents()), operands: 1)
    },
    "SHAPE": { $0.becomes(ShapeOf(element: try $0.resultType().element)) },
    "SLICE": { node in
      let extents = try node.operandType(0).shape.extents
      let begin = try node.constant(operand: 1)
      let size = try node.constant(operand: 2)
      guard begin.count == extents.count, size.count == extents.count else {
        throw Diagnostic(.badSliceLists)
      }
      // −1 stands for all that is left. Begins come from the file unchecked: if the difference
      // wraps, the operator refuses it.
      let sizes = extents.indices.map { size[$0] == -1 ? extents[$0] &- begin[$0] : size[$0] }
      return node.becomes(StridedSlice(begin: begin, size: sizes), operands: 1)
    },
    // Sizes are read off the results: those in the file's list may be −1, or come without a list.
    "SPLIT": { node in
      let axis = try node.constant(operand: 0).first ?? 0
      let sizes = try node.sizesOfResults(axis: axis, of: node.operandType(1).shape)
      return TFLiteConversion(op: Split(axis: axis, sizes: sizes), operands: [node.operands[1]])
    },
    "SPLIT_V": { node in
      let axis = try node.constant(operand: 2).first ?? 0
      let sizes = try node.sizesOfResults(axis: axis, of: node.operandType(0).shape)
      return node.becomes(Split(axis: axis, sizes: sizes), operands: 1)
    },
    "SQUEEZE": { $0.becomes(Reshape(shape: try $0.resultExtents()), operands: 1) },
    "STRIDED_SLICE": { node in
      let slice = try TFLiteStridedSlice(node)
      let op = StridedSlice(begin: slice.begin, size: slice.size, step: slice.step)
      // A new or a dropped axis has extent 1, so the slice itself keeps the operand's rank.
      return TFLiteConversion(
        op: op, operands: [node.operands[0]], isReshaped: slice.changesAxes)
    },
    "TRANSPOSE": { node in
      let rank = try node.operandType(0).shape.rank
      let permutation = try node.constant(operand: 1).map { $0 < 0 ? $0 + rank : $0 }
      return node.becomes(Transpose(permutation: permutation), operands: 1)
    },
    "UNPACK": { $0.becomes(Unpack(axis: try $0.integer("axis"))) },
  ]
}

/// A strided slice of TFLite with ends, masks and negative indices, as begin, size and step of each axis.
///
/// Source: the specification of `tf.strided_slice`.
private struct TFLiteStridedSlice {
  private(set) var begin: [Int] = []
  private(set) var size: [Int] = []
  private(set) var step: [Int] = []
  /// Whether the result has new axes, or lacks some of the operand's.
  private(set) var changesAxes = false

  init(_ node: TFLiteNode) throws {
    let extents = try node.operandType(0).shape.extents
    var lists = try (1...3).map { try node.constant(operand: $0) }
    let masks = try Masks(node)
    guard lists[0].count == lists[1].count, lists[0].count == lists[2].count,
      lists[0].count <= 16
    else { throw Diagnostic(.badSliceLists) }
    // With this option, ends are counted from the beginnings.
    if try node.integer("offset") != 0 { lists[1] = zip(lists[0], lists[1]).map { $0 + $1 } }
    var axis = 0
    for position in lists[0].indices {
      if masks.isEllipsis(position) {
        // The ellipsis stands for all axes that the positions behind it do not name.
        let named = (position + 1..<lists[0].count).count { !masks.isNewAxis($0) }
        while axis < extents.count - named { takeAll(extents[axis], &axis) }
      } else if masks.isNewAxis(position) {
        changesAxes = true
      } else {
        guard axis < extents.count else { throw Diagnostic(.badSliceLists) }
        changesAxes = changesAxes || masks.isShrunk(position)
        try take(extents[axis], lists.map { $0[position] }, masks, position)
        axis += 1
      }
    }
    while axis < extents.count { takeAll(extents[axis], &axis) }
  }

  /// Bit k of a mask is about position k of the lists.
  struct Masks {
    let begin: Int
    let end: Int
    let ellipsis: Int
    let newAxis: Int
    let shrink: Int

    init(_ node: TFLiteNode) throws {
      begin = try node.integer("begin_mask")
      end = try node.integer("end_mask")
      ellipsis = try node.integer("ellipsis_mask")
      newAxis = try node.integer("new_axis_mask")
      shrink = try node.integer("shrink_axis_mask")
    }

    func isEllipsis(_ position: Int) -> Bool { ellipsis >> position & 1 == 1 }
    func isNewAxis(_ position: Int) -> Bool { newAxis >> position & 1 == 1 }
    func isShrunk(_ position: Int) -> Bool { shrink >> position & 1 == 1 }
  }

  private mutating func takeAll(_ extent: Int, _ axis: inout Int) {
    begin.append(0)
    size.append(extent)
    step.append(1)
    axis += 1
  }

  private mutating func take(
    _ extent: Int, _ range: [Int], _ masks: Masks, _ position: Int
  ) throws {
    let step = range[2]
    guard step != 0, step.magnitude < 1 << 31 else { throw Diagnostic(.badSliceLists) }
    func fromFront(_ index: Int) -> Int { index < 0 ? index + extent : index }
    let isBackward = step < 0
    // An end is exclusive: backward, −1 is the place before the first element.
    let limits = isBackward ? -1...extent - 1 : 0...extent
    var first = min(max(fromFront(range[0]), limits.lowerBound), limits.upperBound)
    if masks.begin >> position & 1 == 1 { first = isBackward ? extent - 1 : 0 }
    var end = min(max(fromFront(range[1]), limits.lowerBound), limits.upperBound)
    if masks.end >> position & 1 == 1 { end = isBackward ? -1 : extent }
    // A shrunk axis is one index; whether it exists is for the operator to say.
    if masks.isShrunk(position) { (first, end) = (fromFront(range[0]), first + 1) }
    let count =
      masks.isShrunk(position)
      ? 1 : isBackward ? (first - end - step - 1) / -step : (end - first + step - 1) / step
    guard count > 0 else { throw Diagnostic(.emptySlice) }
    begin.append(first)
    size.append(count)
    self.step.append(step)
  }
}

extension TFLiteNode {
  /// The pairs of a padding operand, a row for each axis.
  func pads(operand: Int = 1) throws -> (before: [Int], after: [Int]) {
    let pairs = try constant(operand: operand)
    guard pairs.count % 2 == 0 else { throw Diagnostic(.badSliceLists) }
    return (
      stride(from: 0, to: pairs.count, by: 2).map { pairs[$0] },
      stride(from: 1, to: pairs.count, by: 2).map { pairs[$0] }
    )
  }

  /// The extents of the results along an axis.
  fileprivate func sizesOfResults(axis: Int, of shape: Shape) throws -> [Int] {
    let fromFront = axis < 0 ? axis + shape.rank : axis
    return try resultTypes().map { type in
      guard type.shape.extents.indices.contains(fromFront) else { throw Diagnostic(.badSliceLists) }
      return type.shape[fromFront]
    }
  }
}

extension Diagnostic.Message {
  fileprivate static var activatedConcatenation: Self {
    Self(
      id: "activated-concatenation", .unsupported,
      "a concatenation with a fused activation is not supported")
  }

  fileprivate static var badSliceLists: Self {
    Self(
      id: "bad-slice-lists", .malformed,
      "the lists of begins, ends, sizes or pads do not fit each other or the operand")
  }

  fileprivate static var emptySlice: Self {
    Self(id: "empty-slice", .unsupported, "a slice without elements is not supported")
  }
}
