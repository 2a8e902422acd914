import GraphIR
import Operators
import Tensors

extension Pass {
  /// Moves transposes towards the outputs, past operators that can as well be computed before them. Those around
  /// convolutions, which models with channels before the image have, then meet and cancel.
  public static let sinkTransposes = Pass(
    "sink-transposes", "move transposes behind operators that work in any order of axes"
  ) { graph in
    var hasChanged = false
    for id in graph.order where graph.keepsSums(id) {
      hasChanged = try graph.sinkTransposes(before: id) || hasChanged
    }
    return hasChanged
  }

  /// As `sinkTransposes`, also past sums and means that then add real numbers in another order.
  public static let sinkTransposesPastSums = Pass(
    "sink-transposes-past-sums", "move transposes behind sums and means of real numbers",
    .approximate("real numbers are added in another order")
  ) { graph in
    var hasChanged = false
    for id in graph.order where !graph.keepsSums(id) {
      hasChanged = try graph.sinkTransposes(before: id) || hasChanged
    }
    return hasChanged
  }
}

extension Graph {
  /// Computes a node before the transposes of its operands, if all have the same, and says whether it did.
  fileprivate mutating func sinkTransposes(before id: NodeID) throws -> Bool {
    let node = nodes[id]
    guard let op = node.op as? any AxisPermutable, let permutation = commonPermutation(of: node),
      let moved = op.beforeTranspose(permutation)
    else { return false }
    let operands = try node.inputs.map { try untransposed($0, permutation) }
    let types = types(of: node.results).map { $0.before(moved.permutation) }
    let results = try insert(moved.op, operands, results: types, before: id)
    let transposed = try zip(node.results, results).map { old, result in
      let transpose = Transpose(permutation: moved.permutation)
      let new = try insert(transpose, [result], results: [values[old].type], before: id)[0]
      substitute(new, for: old, movedBehind: result)
      return new
    }
    erase([id], absorbedBy: results.first.flatMap(producer(of:)))
    let last = transposed.first.flatMap(producer(of:))
    eraseUnread(among: node.inputs, absorbedBy: last) { $0 is Transpose }
    return true
  }

  /// Whether a node that reads a transpose would add up real numbers before it as it does behind: in the same order, and, where
  /// neighbours are added in lanes, with the same neighbours.
  fileprivate func keepsSums(_ id: NodeID) -> Bool {
    guard let op = nodes[id].op as? any ReductionOperator, !(op is ReduceMax || op is ReduceMin),
      case let type = values[input(of: id)].type, type.element.isFloat,
      let permutation = commonPermutation(of: nodes[id])
    else { return true }
    let axes = type.shape.extents.indices.filter { type.shape[$0] > 1 }
    let reduced = Set(op.axes.map { $0 < 0 ? $0 + type.shape.rank : $0 })
    let before = axes.sorted { permutation[$0] < permutation[$1] }
    let arithmetic = (op as? Sum)?.arithmetic ?? (op as? Mean)?.arithmetic
    return axes.filter(reduced.contains) == before.filter(reduced.contains)
      && (arithmetic != .onnx || axes.neighbours(reduced) == before.neighbours(reduced))
  }

  /// The permutation of the transposes that compute the operands; nil if it is not one for all of them, or something
  /// hangs on an axis. Constants go along with any.
  private func commonPermutation(of node: Node) -> [Int]? {
    let transposes = node.inputs.filter { !isConstant($0) }.map { value in
      producer(of: value).flatMap { op($0, as: Transpose.self) }
    }
    guard let permutation = transposes.first??.permutation,
      transposes.allSatisfy({ $0?.permutation == permutation })
    else { return nil }
    let isPlain = (node.inputs + node.results).allSatisfy { id in
      values[id].type.quantization?.isPerTensor ?? true
    }
    let constants = node.inputs.filter(isConstant)
    let fit = constants.allSatisfy {
      constantData($0) != nil && values[$0].type.shape.rank <= permutation.count
        && values[$0].type.element.bitWidth >= 8
    }
    return isPlain && fit ? permutation : nil
  }

  /// What a transpose reads; or a constant with its axes as they lie before the transposes.
  private mutating func untransposed(_ value: ValueID, _ permutation: [Int]) throws -> ValueID {
    guard let data = constantData(value) else {
      return producer(of: value).map(input(of:)) ?? value
    }
    let type = values[value].type
    guard type.elementCount > 1 else { return value }
    let missing = Array(repeating: 1, count: permutation.count - type.shape.rank)
    let padded = Tensor(type.with(shape: Shape(missing + type.shape.extents)), data)
    let inverse = Transpose(permutation: permutation.inverse)
    let constant = try inverse.evaluate([padded])[0]
    return addConstant(values[value].name, constant.type, constant.data)
  }

  /// Lets a value that is now computed in another layout, and then moved, take the place of an old one. Its name goes to what is
  /// computed, unless it is that of an output, or of a tensor that others compare by its index.
  mutating func substitute(_ new: ValueID, for old: ValueID, movedBehind computed: ValueID) {
    let isKnown = outputs.contains(old) || values[old].sourceIndex != nil
    moveName(of: old, to: isKnown ? new : computed, replacing: isKnown)
    replaceAllUses(of: old, with: new)
  }

  /// Erases those of some values that nobody reads any more, if they were computed by operators of a kind.
  mutating func eraseUnread(
    among values: [ValueID], absorbedBy absorber: NodeID?, where isOfKind: (any Operator) -> Bool
  ) {
    for value in Set(values).sorted() {
      guard let id = producer(of: value), !nodes[id].isErased, isOfKind(nodes[id].op),
        self.values[value].uses.isEmpty, !exits.contains(value)
      else { continue }
      erase([id], absorbedBy: absorber)
    }
  }
}

extension TensorType {
  /// The type that a transpose makes this one of.
  fileprivate func before(_ permutation: [Int]) -> TensorType {
    with(shape: Shape(permutation.inverse.map { shape[$0] }))
  }
}

extension [Int] {
  /// The last of some axes, as far as they are reduced.
  fileprivate func neighbours(_ reduced: Set<Int>) -> [Int] {
    Array(reversed().prefix { reduced.contains($0) })
  }

  /// The permutation that undoes this one.
  var inverse: [Int] {
    var inverse = self
    for (axis, source) in enumerated() { inverse[source] = axis }
    return inverse
  }
}
