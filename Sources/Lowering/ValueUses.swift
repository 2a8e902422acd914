import GraphIR

/// What values are to a schedule: their sizes, and which layers make and read them.
///
/// Only values with bytes of their own count; what happens to their parts happens to them.
struct ValueUses {
  /// In the order of their ids.
  private(set) var values: [ValueID] = []
  private(set) var byteCount: [ValueID: Int] = [:]
  /// The layers that compute a value, or parts of it; none for what a run starts from.
  private(set) var makers: [ValueID: [Int]] = [:]
  private(set) var readers: [ValueID: [Int]] = [:]
  /// Values that must be there when the run ends.
  let exits: Set<ValueID>
  /// Values that are there when it begins, at least in part.
  let entries: Set<ValueID>
  /// Values that some layer sees in another shape, or only a part of.
  private(set) var reshaped: Set<ValueID> = []
  /// Values of which others are parts.
  let divided: Set<ValueID>
  /// Of each layer, the layers that must come before it.
  private(set) var producers: [[Int]]

  var layerCount: Int { producers.count }

  init(_ graph: Graph, _ layers: [LayerPlan], _ views: ValueViews) {
    func root(_ value: ValueID) -> ValueID { views.views[value]?.root ?? value }
    entries = Set(graph.entries.map(root))
    exits = Set(graph.exits.map(root))
    divided = views.divided
    producers = ProducerSearch(graph, layers).producers
    for (layer, plan) in layers.enumerated() {
      let node = graph.nodes[plan.node]
      for result in node.results.map(root) where makers[result]?.last != layer {
        makers[result, default: []].append(layer)
      }
    }
    values = entries.union(makers.keys).sorted()
    for value in values { byteCount[value] = graph.values[value].type.byteCount }
    for (layer, plan) in layers.enumerated() {
      for operand in graph.nodes[plan.node].inputs {
        let root = root(operand)
        guard byteCount[root] != nil else { continue }
        if readers[root]?.last != layer { readers[root, default: []].append(layer) }
        if root != operand { reshaped.insert(root) }
      }
    }
  }

  /// The first layer that computes a value or a part of it; nil for what a run starts from.
  func maker(_ value: ValueID) -> Int? { entries.contains(value) ? nil : makers[value]?.first }

  /// The last layer that computes or reads a value; nil if none does.
  func lastUser(_ value: ValueID) -> Int? {
    [makers[value]?.last, readers[value]?.last].compactMap { $0 }.max()
  }

  /// The layers during which a value must be kept, if each layer is computed with its whole group.
  func life(_ value: ValueID, _ groupOfLayer: [Range<Int>]) -> ClosedRange<Int> {
    let last = max(0, layerCount - 1)
    let start = maker(value).map { groupOfLayer[$0].lowerBound } ?? 0
    if exits.contains(value) { return start...last }
    return start...max(start, lastUser(value).map { groupOfLayer[$0].upperBound - 1 } ?? 0)
  }

  /// Whether a value is part of what a run starts from or leaves behind.
  func isInterface(_ value: ValueID) -> Bool { entries.contains(value) || exits.contains(value) }
}

/// Finds which layers must come before which, through nodes that are no layers.
private struct ProducerSearch {
  private(set) var producers: [[Int]] = []
  private let graph: Graph
  private var layerOfNode: [NodeID: Int] = [:]
  private var known: [ValueID: Set<Int>] = [:]

  init(_ graph: Graph, _ layers: [LayerPlan]) {
    self.graph = graph
    for (layer, plan) in layers.enumerated() { layerOfNode[plan.node] = layer }
    // Producers of operands are known before those of results.
    for node in graph.order where layerOfNode[node] == nil {
      let operands = graph.nodes[node].inputs.reduce(into: Set<Int>()) { $0.formUnion(makers($1)) }
      for result in graph.nodes[node].results { known[result] = operands }
    }
    producers = layers.map { layer in
      let operands = graph.nodes[layer.node].inputs
      return operands.reduce(into: Set<Int>()) { $0.formUnion(makers($1)) }.sorted()
    }
  }

  private func makers(_ value: ValueID) -> Set<Int> {
    if let known = known[value] { return known }
    guard let layer = graph.producer(of: value).flatMap({ layerOfNode[$0] }) else { return [] }
    return [layer]
  }
}
