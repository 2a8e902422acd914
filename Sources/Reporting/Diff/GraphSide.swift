import GraphIR
import Tensors

/// One of two graphs that are compared: its nodes by their position in the order, with labels that are equal
/// where the nodes of both graphs are.
struct GraphSide {
  let graph: Graph
  /// In the graph's order; positions in it are what all of the comparison speaks of.
  let nodes: [NodeID]
  /// Where each node stands in `nodes`.
  let positions: [NodeID: Int]
  /// Of each node: operator.
  let kinds: [Int]
  /// Of each node: operator, attributes, result types and constants.
  let exact: [Int]
  /// Of each node: operator, shapes of results and constants.
  let rough: [Int]

  init(_ graph: Graph, _ labels: inout GraphLabels) {
    self.graph = graph
    nodes = graph.order
    positions = Dictionary(uniqueKeysWithValues: graph.order.enumerated().map { ($1, $0) })
    kinds = graph.order.map { labels.number(graph.nodes[$0].kind) }
    exact = graph.order.map { labels.exact($0, of: graph) }
    rough = graph.order.map { labels.rough($0, of: graph) }
  }

  var count: Int { nodes.count }

  func node(_ position: Int) -> Node { graph.nodes[nodes[position]] }

  /// The name of the layer, which is that of its first result.
  func name(_ position: Int) -> String {
    node(position).results.first.map { graph.values[$0].name } ?? ""
  }

  /// Whether the name is only the number that a value gets which has no name in the model file.
  func isUnnamed(_ value: ValueID) -> Bool {
    let value = graph.values[value]
    return value.sourceIndex == nil && Int(value.name) != nil
  }

  /// The name by which the layer may be known in another graph; nil if it has none.
  func ownName(_ position: Int) -> String? {
    node(position).results.first.flatMap { isUnnamed($0) ? nil : graph.values[$0].name }
  }

  /// Where the value is computed; nil for inputs and constants.
  func producer(of value: ValueID) -> Int? { graph.producer(of: value).flatMap { positions[$0] } }

  /// The nodes that compute operands, each once, in the order of operands.
  func producers(of position: Int) -> [Int] {
    unique(node(position).inputs.compactMap { producer(of: $0) })
  }

  /// The nodes that read a result, each once, in order.
  func readers(of position: Int) -> [Int] {
    let uses = node(position).results.flatMap { graph.values[$0].uses }
    return unique(uses.compactMap { positions[$0.node] }.sorted())
  }

  /// Whether a result leaves the graph.
  func leaves(_ position: Int) -> Bool {
    node(position).results.contains { exits.contains($0) }
  }

  /// Operands that are computed or given, not constant.
  func activations(of position: Int) -> [ValueID] {
    node(position).inputs.filter { !graph.isConstant($0) }
  }

  /// Whether the node reads constants, which tell it from others of its kind.
  func hasConstants(_ position: Int) -> Bool {
    node(position).inputs.contains { graph.isConstant($0) }
  }

  /// The bytes of constants that the node reads, in the order of operands; nil for elided ones.
  func constants(_ position: Int) -> [TensorData?] {
    node(position).inputs.filter { graph.isConstant($0) }.map { graph.constantData($0) }
  }

  private var exits: [ValueID] { graph.exits }

  private func unique(_ positions: [Int]) -> [Int] {
    var seen: Set<Int> = []
    return positions.filter { seen.insert($0).inserted }
  }
}

extension GraphSide {
  /// Labels that are equal where all that a node computes from is equal, up to the inputs.
  func upstream(_ labels: inout GraphLabels) -> [Int] {
    var found: [Int] = []
    for position in nodes.indices {
      let operands = node(position).inputs.map { operand -> [Int] in
        switch graph.values[operand].definition {
        case .constant: [0]
        case .input: [1, graph.entries.firstIndex(of: operand) ?? 0]
        case .result(let producer, let at): [2, positions[producer].map { found[$0] } ?? 0, at]
        }
      }
      found.append(labels.number([[exact[position]]] + operands))
    }
    return found
  }

  /// Labels that are equal where all that is computed from a node is equal, up to the outputs.
  func downstream(_ labels: inout GraphLabels) -> [Int] {
    var found = Array(repeating: 0, count: count)
    let exits = Dictionary(grouping: graph.exits.enumerated(), by: \.element)
    for position in nodes.indices.reversed() {
      let readers = node(position).results.enumerated().flatMap { at, result -> [[Int]] in
        let uses = graph.values[result].uses.compactMap { use in
          positions[use.node].map { [at, use.operand, found[$0]] }
        }
        return uses.sorted { $0.lexicographicallyPrecedes($1) }
          + (exits[result] ?? []).map { [at, -1, $0.offset] }
      }
      found[position] = labels.number([[exact[position]]] + readers)
    }
    return found
  }

  /// Labels that take in what stands around nodes: those of the nodes that `inner` labels, and of their neighbours.
  func widened(_ inner: [Int], _ labels: inout GraphLabels) -> [Int] {
    nodes.indices.map { position in
      labels.number([
        [inner[position]], producers(of: position).map { inner[$0] },
        readers(of: position).map { inner[$0] }.sorted(),
      ])
    }
  }
}

/// Numbers for keys: equal keys have equal numbers, in both graphs of a comparison.
struct GraphLabels {
  private var numbers: [AnyHashable: Int] = [:]

  /// All that a node is, but for names and what it reads.
  private struct ExactKey: Hashable {
    let op: AnyHashable
    let results: [TensorType]
    let constants: [Constant?]
  }

  private struct Constant: Hashable {
    let type: TensorType
    let data: TensorData?
  }

  /// What stays of a node that is quantized, trained or configured anew.
  private struct RoughKey: Hashable {
    let kind: String
    let results: [Shape]
    let constants: [Shape?]
  }

  mutating func number(_ key: some Hashable) -> Int {
    let key = AnyHashable(key)
    if let known = numbers[key] { return known }
    numbers[key] = numbers.count
    return numbers.count - 1
  }

  mutating func exact(_ id: NodeID, of graph: Graph) -> Int {
    let node = graph.nodes[id]
    return number(
      ExactKey(
        op: AnyHashable(node.op), results: graph.types(of: node.results),
        constants: node.inputs.map { operand in
          guard graph.isConstant(operand) else { return nil }
          return Constant(
            type: graph.values[operand].type, data: graph.constantData(operand))
        }))
  }

  mutating func rough(_ id: NodeID, of graph: Graph) -> Int {
    let node = graph.nodes[id]
    return number(
      RoughKey(
        kind: node.kind, results: graph.types(of: node.results).map(\.shape),
        constants: node.inputs.map { operand in
          graph.isConstant(operand) ? graph.values[operand].type.shape : nil
        }))
  }
}
