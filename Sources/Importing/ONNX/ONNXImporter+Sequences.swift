import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

/// Operators of ONNX on lists of tensors. The lists are known when the model is read, so these operators leave nothing but
/// what is done to the tensors in them.
extension ONNXImporter {
  static let sequences: [String: ONNXConverter] = [
    "ConcatFromSequence": { node, builder in
      let (tensors, _) = try node.sequence(0)
      let axis = try node.integer("axis")
      let isNew = try node.integer("new_axis", default: 0) != 0
      let op: any Operator = isNew ? Pack(axis: axis) : Concatenation(axis: axis)
      return [.tensor(try builder.apply(op, tensors))]
    },
    "SequenceAt": { node, builder in
      let (tensors, _) = try node.sequence(0)
      return [.tensor(tensors[try node.position(1, below: tensors.count, builder)])]
    },
    "SequenceConstruct": { node, builder in
      let tensors = try node.allOperands()
      guard let first = tensors.first else { throw Diagnostic(.noTensors) }
      return [.sequence(tensors, builder.element(first))]
    },
    "SequenceEmpty": { node, _ in
      [.sequence([], try ONNXTensors.element(node.integer("dtype", default: 1), node.kind))]
    },
    "SequenceErase": { node, builder in
      let (tensors, element) = try node.sequence(0)
      let last = tensors.count - 1
      let position = try node.position(1, below: tensors.count, else: last, builder)
      let rest = tensors[..<position] + tensors[(position + 1)...]
      return [.sequence(Array(rest), element)]
    },
    "SequenceInsert": { node, builder in
      var tensors = try node.sequence(0).0
      let tensor = try node.operand(1)
      let end = tensors.count
      let position = try node.position(2, below: end, orAt: end, else: end, builder)
      tensors.insert(tensor, at: position)
      return [.sequence(tensors, builder.element(tensor))]
    },
    "SequenceLength": { node, builder in
      [.tensor(builder.scalar(Double(try node.sequence(0).0.count), .i64))]
    },
    "SequenceMap": { node, builder in try builder.map(node) },
    "SplitToSequence": { node, builder in
      let operand = try node.operand(0)
      let axis = try node.axis(
        node.integer("axis", default: 0), rank: builder.shape(operand).rank)
      return [.sequence(try builder.pieces(operand, axis, node), builder.element(operand))]
    },
  ]
}

extension ONNXNode {
  /// The position that an operand says, counted from the front; in the file it may be counted from the end.
  ///
  /// - Parameters:
  ///   - end: a further position that is allowed.
  ///   - standard: the position where there is no operand.
  fileprivate func position(
    _ operand: Int, below count: Int, orAt end: Int? = nil, else standard: Int? = nil,
    _ builder: ONNXGraphBuilder
  ) throws -> Int {
    let given =
      has(operand) || standard == nil
      ? try builder.integers(self.operand(operand), "the position of `\(kind)`").first : standard
    guard let given, (-count..<count).contains(given) || given == end else {
      throw Diagnostic(.position(kind, given, count))
    }
    return given < 0 ? given + count : given
  }

  /// How much of an axis each piece gets, of `SplitToSequence`; by default one index.
  fileprivate func pieceSizes(of extent: Int, _ builder: ONNXGraphBuilder) throws -> [Int] {
    let operand = try optional(1)
    let sizes = try operand.map { try builder.integers($0, "the sizes of `\(kind)`") } ?? [1]
    if let operand, builder.shape(operand).rank > 0 { return sizes }
    guard sizes[0] > 0, (extent - 1) / sizes[0] < 4096 else {
      throw Diagnostic(.pieceSize(sizes[0], extent))
    }
    return stride(from: 0, to: extent, by: sizes[0]).map { min(sizes[0], extent - $0) }
  }
}

extension ONNXGraphBuilder {
  /// What lies along an axis in pieces, without the axis where each is one index and none is to keep it.
  fileprivate mutating func pieces(_ value: ValueID, _ axis: Int, _ node: ONNXNode) throws
    -> [ValueID]
  {
    let sizes = try node.pieceSizes(of: shape(value)[axis], self)
    let pieces = try split(value, axis, sizes)
    let keepsAxis = try node.integer("keepdims", default: 1) != 0
    guard !keepsAxis, !node.has(1) else { return pieces }
    return try pieces.map { piece in
      var extents = shape(piece).extents
      extents.remove(at: axis)
      return try reshape(piece, extents)
    }
  }

  /// The body of a `SequenceMap` for each tensor of the first list; other lists go along, other tensors stay.
  fileprivate mutating func map(_ node: ONNXNode) throws -> [ONNXValue] {
    let body = try node.graph("body")
    let count = try node.sequence(0).0.count
    var results = body.message.output.map { _ in [ValueID]() }
    for index in 0..<count {
      let inputs = try node.operands.indices.map { try node.element($0, at: index) }
      for (position, value) in try node.inline(body, inputs, &self).enumerated() {
        guard case .tensor(let id) = value else { throw Diagnostic(.mapped(position)) }
        results[position].append(id)
      }
    }
    return try zip(results, body.message.output).map { tensors, output in
      let declared = try ONNXTensors.element(
        Int(max(output.type.tensorType.elemType, 1)), output.name)
      return .sequence(tensors, tensors.first.map(element) ?? declared)
    }
  }
}

extension ONNXNode {
  /// What stands at a place of a list, or the tensor itself.
  fileprivate func element(_ operand: Int, at index: Int) throws -> ONNXValue {
    guard case .sequence(let tensors, _) = operands[operand] else {
      return .tensor(try self.operand(operand))
    }
    guard index < tensors.count else {
      throw Diagnostic(.position(kind, index, tensors.count))
    }
    return .tensor(tensors[index])
  }
}

extension Diagnostic.Message {
  fileprivate static func position(_ kind: String, _ position: Int?, _ count: Int) -> Self {
    let found = position.map(String.init) ?? "nowhere"
    return Self(
      id: "bad-position", .malformed, "`\(kind)` is about position \(found) of \(count) tensors")
  }

  fileprivate static func pieceSize(_ size: Int, _ extent: Int) -> Self {
    Self(id: "bad-split", .malformed, "`SplitToSequence` of \(extent) indices by \(size) cannot be")
  }

  fileprivate static var noTensors: Self {
    Self(id: "no-tensors", .malformed, "`SequenceConstruct` has no tensors to make a list of")
  }

  fileprivate static func mapped(_ position: Int) -> Self {
    Self(
      id: "sequence-result", .unsupported,
      "the body of `SequenceMap` gives a list of tensors as result \(position)")
  }
}
