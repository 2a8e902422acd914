import GraphIR
import Operators
import Tensors

/// How `quantize-operators` finds the integers that real numbers were made of.
extension Graph {
  /// The stored integers that a value's real numbers were made of, moved as these were; nil if there are none.
  mutating func integers(of value: ValueID, before successor: NodeID) throws -> ValueID? {
    var moves: [(node: NodeID, position: Int)] = []
    var source = value
    while case .result(let node, let position) = values[source].definition, movesElements(node) {
      moves.append((node, position))
      source = input(of: node)
    }
    guard let node = producer(of: source), op(node, as: Dequantize.self) != nil else { return nil }
    var integers = input(of: node)
    guard values[integers].type.quantization != nil else { return nil }
    integers = widened(integers)
    for move in moves.reversed() {
      guard let results = try moved(integers, by: move.node, before: successor) else { return nil }
      integers = results[move.position]
    }
    return integers
  }

  /// Constants of 4 bits in as many bytes, which kernels multiply and move; others as they are.
  private mutating func widened(_ integers: ValueID) -> ValueID {
    let type = values[integers].type
    guard [.i4, .u4].contains(type.element), let data = constantData(integers) else {
      return integers
    }
    let wide = TensorType(type.element == .i4 ? .i8 : .u8, type.shape, type.quantization)
    let numbers = Tensor(type, data).storedNumbers
    return addConstant(values[integers].name, wide, Tensor(wide, numbers: numbers).data)
  }

  /// As `integers`, of 8 bits with a single scale, and stored as the given type where there is one.
  mutating func bytes(
    of value: ValueID, as element: ElementType? = nil, before successor: NodeID
  ) throws -> ValueID? {
    guard let integers = try integers(of: value, before: successor),
      values[integers].type.isByte
    else { return nil }
    let type = values[integers].type
    return try requantized(
      integers, to: type.stored(as: element ?? type.element), before: successor)
  }

  /// What integers become for another scale, zero point or element type; themselves if they stay.
  mutating func requantized(
    _ value: ValueID, to type: TensorType, before successor: NodeID
  ) throws -> ValueID? {
    let old = values[value].type
    if old == type { return value }
    guard old.isByte, type.isByte else { return nil }
    return try insert(Quantize(element: type.element), [value], results: [type], before: successor)[
      0]
  }

  /// Whether a node only chooses which elements of its first operand stand where.
  func movesElements(_ id: NodeID) -> Bool {
    switch nodes[id].op {
    case is Transpose, is Reshape, is StridedSlice, is Split, is Unpack, is Gather, is MirrorPad,
      is BroadcastTo, is Repeat, is DepthToSpace, is SpaceToDepth, is ResizeNearestNeighbor:
      true
    // A second operand is a real number, and stays one.
    case is Pad, is BorderPad: nodes[id].inputs.count == 1
    case let op as Resize: op.method == .nearest && op.coordinates != .cropAndResize
    default: false
    }
  }

  /// What a node that moves elements gives for integers; nil if their scales get lost.
  mutating func moved(
    _ value: ValueID, by id: NodeID, before successor: NodeID
  ) throws -> [ValueID]? {
    let (node, type) = (nodes[id], values[value].type)
    var types: [TensorType] = []
    for result in node.results {
      let shape = values[result].type.shape
      guard let quantization = type.quantization?.moved(by: node.op, type.shape, to: shape) else {
        return nil
      }
      types.append(TensorType(type.element, shape, quantization))
    }
    return try insert(
      node.op, [value] + node.inputs.dropFirst(), results: types, before: successor)
  }
}

extension Quantization {
  /// The scales of elements that were moved; nil if they belong to no axis any more.
  fileprivate func moved(by op: any Operator, _ old: Shape, to new: Shape) -> Quantization? {
    guard let axis else { return self }
    let place: Int?
    switch op {
    case let op as Transpose: place = op.permutation.firstIndex(of: axis)
    case is Reshape:
      let outer = old.extents[..<axis].reduce(1, *)
      place = new.extents.indices.first {
        new[$0] == old[axis] && new.extents[..<$0].reduce(1, *) == outer
      }
    default: place = nil
    }
    return place.map { Quantization(axis: $0, scales: scales, zeroPoints: zeroPoints) }
  }
}

extension TensorType {
  /// The same real numbers stored as the other type of 8 bits.
  ///
  /// - Precondition: the type is of bytes with a single scale.
  func stored(as element: ElementType) -> TensorType {
    guard element != self.element, let quantization else { return self }
    let distance = element == .u8 ? 128 : -128
    return TensorType(
      element, shape,
      Quantization(scale: quantization.scale, zeroPoint: quantization.zeroPoint + distance))
  }
}
