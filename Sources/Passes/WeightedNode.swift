import GraphIR
import Operators
import Tensors

/// A node that multiplies real numbers by constant weights and sums products up, seen so that channels can be scaled and
/// shifted in its weights and bias.
struct WeightedNode {
  /// With all attributes.
  let op: any Operator
  /// The image, or the rows.
  let operand: ValueID
  /// In the order in which the operator has them.
  var weights: [Float] { didSet { hasNewWeights = true } }
  /// One number for each output channel; nil if there is none.
  var bias: [Float]?
  /// How channels lie in the weights.
  let layout: WeightLayout
  /// Whether the weights are no longer those that the graph holds.
  private var hasNewWeights = false
  /// The values from which weights and bias take their names.
  private var names: (weights: ValueID, bias: ValueID?)

  /// - Returns: nil if the node is of another kind, or weights or bias are not constant and finite.
  init?(_ id: NodeID, in graph: Graph) {
    let node = graph.nodes[id]
    guard node.inputs.count > 1, let layout = WeightLayout(node.op, graph.types(of: node.inputs)),
      node.inputs.allSatisfy(graph.isReal), let weights = graph.realNumbers(node.inputs[1]),
      weights.allSatisfy(\.isFinite)
    else { return nil }
    if node.inputs.count > 2 {
      guard let bias = graph.realNumbers(node.inputs[2]) else { return nil }
      self.bias = bias
    }
    (op, operand, self.weights, self.layout) = (node.op, node.inputs[0], weights, layout)
    names = (node.inputs[1], node.inputs.dropFirst(2).first)
  }

  /// The same node with room for other weights.
  fileprivate init(_ node: WeightedNode, layout: WeightLayout) {
    (op, operand, weights, bias) = (node.op, node.operand, [], nil)
    (self.layout, names, hasNewWeights) = (layout, node.names, true)
  }

  /// The value from which a bias takes its name.
  var biasName: ValueID { names.bias ?? names.weights }

  /// Whether the operator can add a bias.
  var takesBias: Bool { !(op is BatchMatMul) }

  /// Multiplies all that comes out of each channel by a number.
  mutating func scaleOutputs(by factors: [Float]) {
    for index in weights.indices { weights[index] *= factors[layout.output(of: index)] }
    if let old = bias { bias = zip(old, factors).map { $0 * $1 } }
  }

  /// Adds a number to all that comes out of each channel.
  ///
  /// - Parameter name: the value from which the bias takes its name if there was none.
  mutating func shiftOutputs(by offsets: [Float], named name: ValueID) {
    names.bias = names.bias ?? name
    bias = bias.map { zip($0, offsets).map { $0 + $1 } } ?? offsets
  }

  /// Does to the weights what was done to the operand's channels by multiplying each.
  mutating func scaleInputs(by factors: [Float]) {
    for index in weights.indices { weights[index] *= factors[layout.input(of: index)] }
  }

  /// Does to the bias what was done to the operand's channels by adding to each.
  ///
  /// - Precondition: every product of a sum is with an element of the operand, none with a border.
  mutating func shiftInputs(by offsets: [Float], named name: ValueID) {
    var sums = [Double](repeating: 0, count: layout.outputs)
    for (index, weight) in weights.enumerated() {
      sums[layout.output(of: index)] += Double(weight) * Double(offsets[layout.input(of: index)])
    }
    shiftOutputs(by: sums.map { Float($0) }, named: name)
  }

  /// Inserts the node as it is now, reading `operand`, and gives its result; nil if numbers have become too large.
  func insert(
    into graph: inout Graph, reading operand: ValueID, clamp: Clamp? = nil, before successor: NodeID
  ) throws -> ValueID? {
    guard weights.allSatisfy(\.isFinite), bias?.allSatisfy(\.isFinite) ?? true else { return nil }
    // What stays may be large, and lie in a file.
    let weights =
      hasNewWeights ? graph.addReal(weights, layout.shape, like: names.weights) : names.weights
    var operands = [operand, weights]
    if let bias {
      operands.append(graph.addReal(bias, [layout.outputs], like: names.bias ?? names.weights))
    }
    let limited = clamp.flatMap { clamp in
      (op as? any ClampedOperator).map { $0.limited(to: $0.clamp.intersection(clamp)) }
    }
    return try graph.insert(limited ?? op, operands, before: successor)[0]
  }
}

/// Constant numbers that a node combines channels with.
struct ChannelOperand {
  /// One for each channel.
  let numbers: [Float]
  /// The value that holds them.
  let name: ValueID
  /// Whether it is the first operand, which differences tell apart.
  let isFirst: Bool
}

extension Graph {
  /// The weighted node that computes a value; nil if it limits its result, or anybody but one node reads that.
  func soleWeightedNode(of value: ValueID) -> WeightedNode? {
    guard isReadOnce(value), let id = producer(of: value), nodes[id].op.isUnlimited else {
      return nil
    }
    return WeightedNode(id, in: self)
  }

  /// The weighted node and the numbers for its channels that a node combines, if the first can do it alone.
  ///
  /// - Parameter clamp: of the node that combines them.
  func weightedOperands(of id: NodeID, _ clamp: Clamp) -> (WeightedNode, ChannelOperand)? {
    guard let (constant, other, isFirst) = constantAndOther(of: id),
      let node = soleWeightedNode(of: other),
      let numbers = channelNumbers(constant, count: node.layout.outputs),
      clamp.isOpen || node.op is any ClampedOperator
    else { return nil }
    return (node, ChannelOperand(numbers: numbers, name: constant, isFirst: isFirst))
  }
}

extension WeightedNode {
  /// The node with its outputs mixed as another does; nil if that were too much to compute here.
  ///
  /// Precondition: the output channels of both lie in the outermost axis, and the other has one weight for each pair.
  func mixed(by other: WeightedNode) -> WeightedNode? {
    let (middle, outputs) = (layout.outputs, other.layout.outputs)
    let own = weights.count / middle
    guard Work.product(outputs, middle, own) <= 1 << 32 else { return nil }
    var copy = WeightedNode(self, layout: layout.with(outputs: outputs))
    copy.weights = (0..<outputs).flatMap { output in
      var sums = [Double](repeating: 0, count: own)
      for channel in 0..<middle {
        let factor = Double(other.weights[output * middle + channel])
        for index in 0..<own { sums[index] += factor * Double(weights[channel * own + index]) }
      }
      return sums.map { Float($0) }
    }
    copy.bias = mixedBias(by: other)
    copy.names.bias = names.bias ?? other.names.bias
    return copy
  }

  /// Nodes of one kind with the output channels of all, one after another; nil if there are none.
  ///
  /// - Precondition: all have a bias, or none has.
  init?(beside nodes: [WeightedNode]) {
    guard let first = nodes.first else { return nil }
    self.init(first, layout: first.layout.with(outputs: nodes.map(\.layout.outputs).reduce(0, +)))
    weights = nodes.flatMap(\.weights)
    if first.bias != nil { bias = nodes.flatMap { $0.bias ?? [] } }
  }

  private func mixedBias(by other: WeightedNode) -> [Float]? {
    guard let bias else { return other.bias }
    let middle = layout.outputs
    return (0..<other.layout.outputs).map { output in
      let start = Double(other.bias?[output] ?? 0)
      return Float(
        bias.indices.reduce(start) {
          $0 + Double(other.weights[output * middle + $1]) * Double(bias[$1])
        })
    }
  }
}
