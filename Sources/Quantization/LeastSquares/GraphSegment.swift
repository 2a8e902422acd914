import Evaluation
import GraphIR
import Tensors

/// The nodes of a graph between two of its nodes, as a graph of its own.
///
/// Runs of segments one after the other compute what a run of the graph does, and weights of later segments may change meanwhile.
/// What follows from constants alone is computed when a segment is made, and not in each run.
package struct GraphSegment {
  /// What is known before the segment, and is its inputs; values of the whole graph.
  package let before: [ValueID]
  /// What is needed after it, and is its outputs; values of the whole graph.
  package let after: [ValueID]
  /// The nodes of the segment, with what they need of constants.
  package let graph: Graph

  /// - Parameters:
  ///   - first: where the segment begins; nil at the beginning of the graph.
  ///   - last: before which it ends; nil at the end.
  package init(_ whole: Graph, from first: NodeID?, to last: NodeID?) throws {
    let cuts = GraphCuts(whole)
    before = first.map(cuts.values) ?? whole.entries
    let after = last.map(cuts.values) ?? whole.outputs
    self.after = after
    var copy = SegmentCopy(whole)
    for value in before { copy.addInput(value) }
    graph = try copy.graph(giving: after)
  }
}

/// Which values are known at places of a graph.
package struct GraphCuts {
  private let graph: Graph
  /// By value: what does not follow from constants alone.
  private var isData: Set<ValueID>
  private let positions: [NodeID: Int]
  private let outputs: Set<ValueID>

  package init(_ graph: Graph) {
    self.graph = graph
    outputs = Set(graph.outputs)
    positions = Dictionary(
      uniqueKeysWithValues: graph.order.enumerated().map { ($0.element, $0.offset) })
    isData = Set(graph.entries)
    for node in graph.order where graph.nodes[node].inputs.contains(where: isData.contains) {
      isData.formUnion(graph.nodes[node].results)
    }
  }

  /// What is computed from data before a node, and read by it or later, or leaves the graph.
  package func values(before node: NodeID) -> [ValueID] {
    guard let cut = positions[node] else { return [] }
    let known = graph.entries + graph.order[..<cut].flatMap { graph.nodes[$0].results }
    return known.filter { value in
      isData.contains(value)
        && (outputs.contains(value)
          || graph.values[value].uses.contains { (positions[$0.node] ?? 0) >= cut })
    }
  }

  /// The bytes of such values.
  package func byteCount(before node: NodeID) -> Int {
    graph.types(of: values(before: node)).map(\.byteCount).reduce(0, +)
  }
}

/// Copies a part of a graph.
private struct SegmentCopy {
  package let whole: Graph
  private var graph: Graph
  private var copies: [ValueID: ValueID] = [:]

  package init(_ whole: Graph) {
    self.whole = whole
    graph = Graph(name: whole.name)
  }

  package mutating func addInput(_ value: ValueID) {
    copies[value] = graph.addInput(whole.values[value].name, whole.values[value].type)
  }

  package mutating func graph(giving outputs: [ValueID]) throws -> Graph {
    let needed = neededNodes(for: outputs)
    for node in whole.order where needed.contains(node) {
      let operands = whole.nodes[node].inputs.map { copy(of: $0) }
      let results = try results(of: node, operands)
      for (result, copy) in zip(whole.nodes[node].results, results) { copies[result] = copy }
    }
    graph.setOutputs(outputs.map { copy(of: $0) })
    return graph
  }

  private mutating func results(of node: NodeID, _ operands: [ValueID]) throws -> [ValueID] {
    let (op, types) = (whole.nodes[node].op, whole.types(of: whole.nodes[node].results))
    guard !operands.isEmpty, operands.allSatisfy(graph.isConstant) else {
      return try graph.insert(op, operands, results: types)
    }
    var alone = Graph(name: whole.name)
    let constants = operands.map { operand in
      alone.addConstant("", graph.values[operand].type, graph.constantData(operand))
    }
    alone.setOutputs(try alone.insert(op, constants, results: types))
    return try alone.evaluate([]).map { graph.addConstant("", $0.type, $0.data) }
  }

  private func neededNodes(for outputs: [ValueID]) -> Set<NodeID> {
    var needed: Set<NodeID> = []
    var open = outputs
    while let value = open.popLast() {
      guard copies[value] == nil, let node = whole.producer(of: value),
        needed.insert(node).inserted
      else { continue }
      open += whole.nodes[node].inputs
    }
    return needed
  }

  private mutating func copy(of value: ValueID) -> ValueID {
    if let copy = copies[value] { return copy }
    let copy = graph.addConstant(
      whole.values[value].name, whole.values[value].type, whole.constantData(value))
    copies[value] = copy
    return copy
  }
}
