import GraphIR
import Operators
import Support
import Tensors

/// What takes factors of a value's channels in, so that the operators before it give the value multiplied by them.
///
/// Channels are the last axis, and factors are positive.
struct ChannelSink {
  private var targets: [Target] = []

  /// Constants that are multiplied.
  private enum Target: Hashable {
    /// Weights and bias of a layer, by output channel.
    case layer(NodeID)
    /// An operand.
    case constant(NodeID, Int)
  }

  /// - Parameters:
  ///   - schemes: layers whose weights share one scale take no factors.
  ///   - throughLayers: whether other layers do.
  /// - Returns: nil if an operator on the way to constants does not let factors pass, or another one reads what it gives.
  init?(
    before value: ValueID, channels: Int, in graph: Graph,
    _ schemes: [NodeID: QuantizationScheme], throughLayers: Bool
  ) {
    let search = Search(
      graph: graph, channels: channels, schemes: schemes, throughLayers: throughLayers)
    guard let producer = graph.producer(of: value), add(producer, search, depth: 0) else {
      return nil
    }
  }

  private struct Search {
    let graph: Graph
    let channels: Int
    let schemes: [NodeID: QuantizationScheme]
    let throughLayers: Bool
    /// So many operators are gone through, one behind the other.
    static let maximumDepth = 16
  }

  /// Finds what takes factors of a node's result; false if something does not.
  private mutating func add(_ node: NodeID, _ search: Search, depth: Int) -> Bool {
    let (graph, op) = (search.graph, search.graph.nodes[node].op)
    guard depth < Search.maximumDepth, graph.hasChannels(graph.result(of: node), search.channels)
    else { return false }
    if case .weighted? = graph.role(of: node) { return add(layer: node, search) }
    if let clamp = (op as? any ClampedOperator)?.clamp, !clamp.isHomogeneous { return false }
    switch op {
    case let norm as LayerNormalization: return add(norm.axis, norm.givesStatistics, node, search)
    case let norm as RMSNormalization: return add(norm.axis, false, node, search)
    case is Add, is Subtract:
      return add(operand: 0, of: node, search, depth) && add(operand: 1, of: node, search, depth)
    case is Multiply: return add(productOf: node, search, depth)
    case is Divide: return add(operand: 0, of: node, search, depth)
    default:
      return (graph.isHomogeneous(node) || graph.movesRows(node))
        && add(operand: 0, of: node, search, depth)
    }
  }

  private mutating func add(layer: NodeID, _ search: Search) -> Bool {
    guard search.throughLayers,
      let clamp = (search.graph.nodes[layer].op as? any ClampedOperator)?.clamp,
      clamp.isHomogeneous, search.schemes[layer]?.weights?.granularity != .tensor,
      ScaledLayer(layer, in: search.graph)?.layout.outputs == search.channels
    else { return false }
    targets.append(.layer(layer))
    return true
  }

  /// A normalization takes factors in what its rows are multiplied by, and in what is added to them.
  private mutating func add(
    _ axis: Int, _ givesStatistics: Bool, _ node: NodeID, _ search: Search
  ) -> Bool {
    let operands = search.graph.nodes[node].inputs
    let rank = search.graph.values[operands[0]].type.shape.rank
    guard !givesStatistics, operands.count > 1, axis == -1 || axis == rank - 1,
      operands.dropFirst().allSatisfy({ search.graph.constantNumbers($0) != nil })
    else { return false }
    for operand in 1..<operands.count { targets.append(.constant(node, operand)) }
    return true
  }

  /// One factor of a product takes them all.
  private mutating func add(productOf node: NodeID, _ search: Search, _ depth: Int) -> Bool {
    let operands = search.graph.nodes[node].inputs
    guard operands[0] != operands[1] else { return false }
    // Constants first: there nothing else can be changed.
    let order = operands.indices.sorted {
      let (a, b) = (search.graph.isConstant(operands[$0]), search.graph.isConstant(operands[$1]))
      return a != b ? a : $0 < $1
    }
    return order.contains { operand in
      let before = targets
      if add(operand: operand, of: node, search, depth) { return true }
      targets = before
      return false
    }
  }

  private mutating func add(
    operand: Int, of node: NodeID, _ search: Search, _ depth: Int
  ) -> Bool {
    let (graph, value) = (search.graph, search.graph.nodes[node].inputs[operand])
    if graph.isConstant(value) {
      guard let numbers = graph.constantNumbers(value), numbers.allSatisfy(\.isFinite) else {
        return false
      }
      targets.append(.constant(node, operand))
      return true
    }
    guard graph.isReadOnce(value), let producer = graph.producer(of: value) else { return false }
    return add(producer, search, depth: depth + 1)
  }

  /// Multiplies what the channels of the value are made of.
  ///
  /// - Returns: false if numbers become too large; the graph is then of no use.
  func multiply(by factors: [Double], in graph: inout Graph) -> Bool {
    for target in targets {
      switch target {
      case .layer(let node):
        guard var layer = ScaledLayer(node, in: graph) else { return false }
        layer.scaleOutputs(by: factors)
        guard layer.isFinite else { return false }
        layer.write(to: &graph)
      case .constant(let node, let operand):
        guard graph.multiplyConstant(operand, of: node, by: factors) else { return false }
      }
    }
    return true
  }
}

extension Graph {
  /// Whether a value is of real numbers with so many channels.
  fileprivate func hasChannels(_ value: ValueID, _ channels: Int) -> Bool {
    values[value].type.element == .f32 && values[value].type.shape.extents.last == channels
  }

  /// Whether a node only puts rows of channels in other places.
  fileprivate func movesRows(_ node: NodeID) -> Bool {
    let extents = values[nodes[node].inputs[0]].type.shape.extents
    switch nodes[node].op {
    case let transpose as Transpose: return transpose.permutation.last == extents.count - 1
    case is Reshape: return extents.last == values[result(of: node)].type.shape.extents.last
    default: return false
    }
  }

  /// Gives a node an operand whose channels are multiplied; one number for all channels becomes one for each.
  fileprivate mutating func multiplyConstant(
    _ operand: Int, of node: NodeID, by factors: [Double]
  ) -> Bool {
    let old = nodes[node].inputs[operand]
    guard let numbers = constantNumbers(old) else { return false }
    let extents = values[old].type.shape.extents
    let isShared = (extents.last ?? 1) != factors.count
    let products = (0..<numbers.count * (isShared ? factors.count : 1)).map { index in
      let number = numbers[isShared ? index / factors.count : index]
      return Float(Double(number) * factors[index % factors.count])
    }
    guard products.allSatisfy(\.isFinite) else { return false }
    let shape = Shape(Array(extents.dropLast()) + [factors.count])
    setInput(
      operand, of: node,
      to: addConstant(values[old].name, TensorType(.f32, shape), TensorData(products)))
    return true
  }
}
