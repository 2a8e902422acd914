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
    for id in graph.order { hasChanged = try graph.sinkTransposes(before: id) || hasChanged }
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
      rename(new, values[old].name, sourceIndex: values[old].sourceIndex)
      replaceAllUses(of: old, with: new)
      return new
    }
    erase([id], absorbedBy: results.first.flatMap(producer(of:)))
    eraseUnreadTransposes(
      among: node.inputs, absorbedBy: transposed.first.flatMap(producer(of:)))
    return true
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

  private mutating func eraseUnreadTransposes(
    among values: [ValueID], absorbedBy absorber: NodeID?
  ) {
    for value in Set(values).sorted() {
      guard let id = producer(of: value), !nodes[id].isErased, op(id, as: Transpose.self) != nil,
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
  /// The permutation that undoes this one.
  fileprivate var inverse: [Int] {
    var inverse = self
    for (axis, source) in enumerated() { inverse[source] = axis }
    return inverse
  }
}
