import GraphIR

/// Which tensors of the model file the nodes of a graph compute, also where passes have put new nodes in place of others.
///
/// Nodes keep the operators of the file whose work they do. The graph as it was read from the file tells what these are
/// called; a value that is only quantized or dequantized goes by the name of the one that was computed.
struct LayerNames {
  private let graph: Graph
  /// For each operator of the file the tensors that it computes, in order.
  private var names: [SourceOperator: [String]] = [:]

  /// - Parameters:
  ///   - graph: as passes left it.
  ///   - original: as it was read.
  init(_ graph: Graph, original: Graph) {
    self.graph = graph
    var regions: [NodeID: SourceOperator] = [:]
    for id in original.order {
      let node = original.nodes[id]
      let before = node.inputs.first.flatMap(original.producer(of:)).flatMap { regions[$0] }
      // What importers insert to bring values into another layout has no operator of its own.
      guard let region = node.isConversion ? before : node.sources.last ?? before else { continue }
      regions[id] = region
      names[region, default: []] += node.results.compactMap { original.givenName(of: $0) }
    }
  }

  /// All tensors that a node computes on its way, the last one first.
  func all(of node: NodeID) -> [String] {
    let sources = graph.nodes[node].sources.reversed()
    return own(node) + sources.flatMap { (names[$0] ?? []).reversed() }
  }

  /// The tensors that are the node's result, by whatever name.
  func final(of node: NodeID) -> [String] {
    let last = graph.nodes[node].sources.last { names[$0] != nil }
    return own(node) + (last.flatMap { names[$0] } ?? []).reversed()
  }

  /// The name of the node's result, where it has one itself.
  func own(_ node: NodeID) -> [String] {
    graph.nodes[node].results.prefix(1).compactMap { graph.givenName(of: $0) }
  }
}

extension Node {
  /// Whether the node only writes real numbers in another form.
  var isConversion: Bool { ["quantize", "dequantize"].contains(kind) }

  /// Whether the node computes something, and not only moves elements.
  var isLayer: Bool { !isConversion && !(op is any LayoutOperator) }
}

extension Graph {
  /// A value's name in the model file; nil where a pass or an importer made the value.
  fileprivate func givenName(of value: ValueID) -> String? {
    let name = values[value].name
    return name.isEmpty || name == "\(value.index)" ? nil : name
  }
}
