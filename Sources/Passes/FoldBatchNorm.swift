import GraphIR
import Operators
import Tensors

extension Pass {
  /// Folds what batch normalizations become, factors and offsets of channels, into the weights before or behind them.
  ///
  /// Offsets before a convolution with a border stay; factors before these do not.
  ///
  /// The weights are rounded once more, so that products differ in their last digits.
  public static let foldBatchNorm = rewrite(
    "fold-batch-norm", "fold factors and offsets of channels into weights and bias",
    .approximate("weights are rounded once more"),
    Rule(replacing: Multiply.self) { graph, id, op in
      try graph.foldedIntoProducer(of: id, op.clamp) { node, operand in
        node.scaleOutputs(by: operand.numbers)
      }
    },
    Rule(replacing: Divide.self) { graph, id, op in
      guard graph.isConstant(graph.nodes[id].inputs[1]) else { return nil }
      return try graph.foldedIntoProducer(of: id, op.clamp) { node, operand in
        node.scaleOutputs(by: operand.numbers.map { 1 / $0 })
      }
    },
    Rule(replacing: Add.self) { graph, id, op in
      try graph.foldedIntoProducer(of: id, op.clamp) { node, operand in
        node.shiftOutputs(by: operand.numbers, named: operand.name)
      }
    },
    Rule(replacing: Subtract.self) { graph, id, op in
      try graph.foldedIntoProducer(of: id, op.clamp) { node, operand in
        if operand.isFirst { node.scaleOutputs(by: operand.numbers.map { _ in -1 }) }
        let offsets = operand.isFirst ? operand.numbers : operand.numbers.map { -$0 }
        node.shiftOutputs(by: offsets, named: operand.name)
      }
    },
    reader(Conv2D.self), reader(DepthwiseConv2D.self), reader(TransposeConv2D.self),
    reader(Conv3D.self), reader(FullyConnected.self), reader(BatchMatMul.self))

  /// Folds what is done to the channels of an operand into the weights of its only reader.
  private static func reader<Op: Operator>(_ kind: Op.Type) -> Rule {
    Rule(replacing: kind) { graph, id, _ in try graph.foldedIntoReader(id) }
  }
}

extension Graph {
  /// What a node gives that combines another's channels with constant numbers, computed by the other alone.
  fileprivate mutating func foldedIntoProducer(
    of id: NodeID, _ clamp: Clamp,
    _ fold: (inout WeightedNode, ChannelOperand) -> Void
  ) throws -> ValueID? {
    guard let (found, operand) = weightedOperands(of: id, clamp) else { return nil }
    var node = found
    fold(&node, operand)
    guard node.takesBias || node.bias == nil else { return nil }
    return try node.insert(into: &self, reading: node.operand, clamp: clamp, before: id)
  }

  /// What a node gives that reads channels combined with constant numbers, computed from the channels as they are.
  fileprivate mutating func foldedIntoReader(_ id: NodeID) throws -> ValueID? {
    let operand = input(of: id)
    guard isReadOnce(operand), let producer = producer(of: operand),
      nodes[producer].op.isUnlimited,
      let (constant, other, isFirst) = constantAndOther(of: producer),
      var node = WeightedNode(id, in: self),
      let numbers = channelNumbers(constant, count: node.layout.inputs)
    else { return nil }
    let canShift = node.takesBias && isUnpadded(id)
    switch nodes[producer].op {
    case is Multiply: node.scaleInputs(by: numbers)
    case is Divide where !isFirst: node.scaleInputs(by: numbers.map { 1 / $0 })
    case is Add where canShift: node.shiftInputs(by: numbers, named: constant)
    case is Subtract where canShift && !isFirst:
      node.shiftInputs(by: numbers.map { -$0 }, named: constant)
    case is Add: return try foldedBeforeOffsets(numbers, other, &node, before: id)
    default: return nil
    }
    return try node.insert(into: &self, reading: other, before: id)
  }

  /// As `foldedIntoReader`, of factors before offsets that have to stay: `s · x + o = s · (x + o / s)`.
  ///
  /// - Parameter scaled: what the offsets are added to.
  private mutating func foldedBeforeOffsets(
    _ offsets: [Float], _ scaled: ValueID, _ node: inout WeightedNode, before id: NodeID
  ) throws -> ValueID? {
    guard let (producer, product) = soleProducer(of: scaled, as: Multiply.self),
      product.isUnlimited, let (constant, x, _) = constantAndOther(of: producer),
      let factors = channelNumbers(constant, count: offsets.count),
      case let shares = zip(offsets, factors).map({ $0 / $1 }), shares.allSatisfy(\.isFinite)
    else { return nil }
    node.scaleInputs(by: factors)
    let share = addReal(shares, [shares.count], like: constant)
    let shifted = try insert(Add(), [x, share], before: id)[0]
    if hasName(input(of: id)) {
      rename(shifted, values[input(of: id)].name + "_unscaled", sourceIndex: nil)
    }
    return try node.insert(into: &self, reading: shifted, before: id)
  }

  /// Whether each sum of a node is over as many products, none of them with a border.
  private func isUnpadded(_ id: NodeID) -> Bool {
    let operands = types(of: nodes[id].inputs)
    switch nodes[id].op {
    case let op as Conv2D: return (try? op.window(operands))?.isInside(operands[0].shape) == true
    case let op as DepthwiseConv2D:
      return (try? op.window(operands))?.isInside(operands[0].shape) == true
    case let op as Conv3D: return op.padding == .valid
    case is FullyConnected: return true
    // At the borders of a transposed convolution fewer windows overlap.
    default: return false
    }
  }
}
