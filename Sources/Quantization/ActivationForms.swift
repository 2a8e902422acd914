import GraphIR
import Operators
import Tensors

/// How the values between layers are stored.
struct ActivationForms {
  /// What is stored of a value; nil for one that stays as it is.
  private(set) var schemes: [ValueID: TensorScheme] = [:]
  /// Of values that have one scale and zero point together, the first; each value that is stored has an entry.
  private(set) var groups: [ValueID: ValueID] = [:]
  /// What is stored of values that stay as they are, for readers that are quantized.
  private(set) var reads: [ValueID: TensorScheme] = [:]
  /// Of groups whose scale does not depend on data.
  private(set) var fixed: [ValueID: OperatorRole.FixedRange] = [:]
  let graph: Graph

  /// - Parameter layers: the scheme of each node that takes part.
  init(_ graph: Graph, _ layers: [NodeID: QuantizationScheme]) {
    self.graph = graph
    for input in graph.inputs where graph.values[input].type.element == .f32 {
      let readers = graph.values[input].uses.compactMap { use in
        graph.isActivation(use.operand, of: use.node) ? layers[use.node]?.activations : nil
      }
      // The widest of those that are asked for serves all.
      schemes[input] = readers.max { $0.format.bitWidth < $1.format.bitWidth }
    }
    for node in graph.order {
      guard let role = graph.role(of: node), let scheme = layers[node]?.activations else {
        continue
      }
      for result in graph.nodes[node].results { schemes[result] = scheme }
      tie(node, role)
    }
    for value in schemes.keys { groups[value] = root(of: value) }
    noteReads(layers)
  }

  private mutating func noteReads(_ layers: [NodeID: QuantizationScheme]) {
    for node in graph.order {
      guard let scheme = layers[node]?.activations else { continue }
      for (operand, value) in graph.nodes[node].inputs.enumerated()
      where schemes[value] == nil && !graph.isConstant(value) {
        if graph.isActivation(operand, of: node) { reads[value] = scheme }
      }
    }
  }

  /// Lets results share what their operands are stored with.
  private mutating func tie(_ node: NodeID, _ role: OperatorRole) {
    let results = graph.nodes[node].results
    if case .bounded(let range) = role {
      for result in results { fixed[result] = range }
    }
    guard role == .choosing else { return }
    let operands = graph.nodes[node].inputs.indices.filter { graph.isActivation($0, of: node) }
      .map { graph.nodes[node].inputs[$0] }
    let bounds = Set(operands.map { fixed[root(of: $0)] })
    for value in operands + results.dropFirst() where schemes[value] == schemes[results[0]] {
      // Beside others, one bound by its operator keeps its own scale, as no kernel has another for it.
      guard bounds.count == 1 || fixed[root(of: value)] == nil else { continue }
      join(results[0], value)
    }
  }

  private mutating func join(_ a: ValueID, _ b: ValueID) {
    let (a, b) = (root(of: a), root(of: b))
    guard a != b else { return }
    let (first, second) = a < b ? (a, b) : (b, a)
    fixed[first] = fixed[first] ?? fixed[second]
    fixed[second] = nil
    groups[second] = first
  }

  private func root(of value: ValueID) -> ValueID {
    var value = value
    while let parent = groups[value], parent != value { value = parent }
    return value
  }
}

extension Graph {
  /// Whether a node reads activations of real numbers there, not weights, a bias or a shape.
  func isActivation(_ operand: Int, of node: NodeID) -> Bool {
    guard values[nodes[node].inputs[operand]].type.element == .f32 else { return false }
    switch role(of: node) {
    case nil: return false
    case .weighted: return operand == 0
    case .computing where nodes[node].op is FullyConnected: return operand < 2
    case .choosing, .bounded, .computing: return true
    }
  }
}
