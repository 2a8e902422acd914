import GraphIR
import Operators
import Tensors

extension Pass {
  /// Moves reshapes towards the outputs, past operators that work on each element by itself. Those around convolutions over
  /// one axis then meet and merge, and activations find the convolutions that can do their work.
  public static let moveReshapes = Pass(
    "move-reshapes", "move reshapes behind operators that work on each element"
  ) { graph in
    var hasChanged = false
    for id in graph.order { hasChanged = try graph.moveReshape(before: id) || hasChanged }
    return hasChanged
  }
}

extension Graph {
  /// Computes a node before the reshapes of its operands, if all are of the same shape, and says whether it did.
  fileprivate mutating func moveReshape(before id: NodeID) throws -> Bool {
    let node = nodes[id]
    guard node.op is any ElementwiseOperator, node.results.count == 1,
      let shape = commonShape(of: node)
    else { return false }
    let old = node.results[0]
    let type = values[old].type
    let operands = node.inputs.map { reshaped($0, to: shape, with: type.shape) }
    let result = try insert(node.op, operands, results: [type.with(shape: shape)], before: id)[0]
    let new = try insert(
      Reshape(shape: type.shape.extents), [result], results: [type], before: id)[0]
    substitute(new, for: old, movedBehind: result)
    erase([id], absorbedBy: producer(of: result))
    eraseUnread(among: node.inputs, absorbedBy: producer(of: new)) { $0 is Reshape }
    return true
  }

  /// The shape that all operands had before they were reshaped; nil if they had none in common, or a constant has no place
  /// in it.
  private func commonShape(of node: Node) -> Shape? {
    let target = values[node.results[0]].type.shape
    let sources = node.inputs.filter { !isConstant($0) }.map(movableSource)
    guard let source = sources.first ?? nil, sources.allSatisfy({ $0 == source }),
      // Hardware that works on images has no form for more axes.
      source.rank <= max(4, target.rank),
      node.inputs.allSatisfy({ isConstant($0) || values[$0].type.shape == target }),
      node.inputs.filter(isConstant).allSatisfy({ fits($0, source, with: target) }),
      (node.inputs + node.results).allSatisfy({ values[$0].type.quantization?.isPerTensor ?? true })
    else { return nil }
    return source
  }

  /// The shape before a reshape whose readers all can do without it, or pass it on.
  private func movableSource(_ value: ValueID) -> Shape? {
    guard let producer = producer(of: value), op(producer, as: Reshape.self) != nil,
      !exits.contains(value),
      values[input(of: producer)].type.quantization == values[value].type.quantization,
      values[value].uses.allSatisfy({
        nodes[$0.node].op is any ElementwiseOperator || op($0.node, as: Reshape.self) != nil
      })
    else { return nil }
    return values[input(of: producer)].type.shape
  }

  /// Whether a constant means the same for elements in another shape.
  private func fits(_ constant: ValueID, _ source: Shape, with target: Shape) -> Bool {
    let type = values[constant].type
    guard type.elementCount > 1 else { return type.shape.rank <= target.rank }
    return constantData(constant) != nil && type.element.bitWidth >= 8
      && type.shape.moved(to: source, from: target) != nil
  }

  /// What a reshape reads; or a constant in the shape that it has among elements of another.
  private mutating func reshaped(
    _ value: ValueID, to shape: Shape, with target: Shape
  ) -> ValueID {
    guard isConstant(value) else { return producer(of: value).map(input(of:)) ?? value }
    let (type, data) = (values[value].type, constantData(value))
    if type.elementCount == 1 && type.shape.rank <= shape.rank { return value }
    let moved = type.elementCount == 1 ? [] : type.shape.moved(to: shape, from: target)
    return addConstant(values[value].name, type.with(shape: moved ?? type.shape), data)
  }
}

extension Shape {
  /// What becomes of the shape of an operand, one element for all along some axes, where elements have another shape: one that
  /// has one for each has that shape; one for each index of a last axis that stays keeps that; else all axes but those of extent
  /// 1 have to be the same.
  ///
  /// - Returns: nil if the operand has no place among these elements.
  fileprivate func moved(to source: Shape, from target: Shape) -> Shape? {
    if self == target { return source }
    if let last = extents.last, rank <= target.rank, elementCount == last,
      source.extents.last == last, target.extents.last == last
    {
      return [last]
    }
    guard rank <= target.rank, source.axes == target.axes else { return nil }
    let padded = Array(repeating: 1, count: target.rank - rank) + extents
    var own = target.extents.indices.filter { target[$0] != 1 }.map { padded[$0] }[...]
    return Shape(source.extents.map { $0 == 1 ? 1 : own.removeFirst() })
  }

  /// The extents other than 1, of which elements know.
  private var axes: [Int] { extents.filter { $0 != 1 } }
}
