import Evaluation
import GraphIR
import Support
import Tensors

/// A graph on its way through its layers, for several samples.
struct LayerRun {
  var graph: Graph
  private let samples: [SampleValues]
  private var place: NodeID?

  init(_ graph: Graph, _ inputs: [[Tensor]], _ pool: ValueMemory.Pool) {
    self.graph = graph
    let states = graph.states.compactMap { state in state.initial.map { (state.current, $0) } }
    samples = inputs.map { tensors in
      let entries = Array(zip(graph.inputs, tensors.map(\.data))) + states
      return SampleValues(
        Dictionary(
          entries.map { ($0, ValueMemory($1, from: pool)) }, uniquingKeysWith: { first, _ in first }
        ), pool)
    }
  }

  /// A value of all samples; of those that have it no more none.
  func values(_ value: ValueID) -> [ValueMemory] { samples.compactMap { $0.known[value] } }

  /// The graph's outputs, when all is computed.
  func outputs(_ sample: Int) -> [ValueMemory] {
    graph.outputs.compactMap { samples[sample].known[$0] }
  }

  /// Computes all before a node, or everything.
  mutating func advance(to node: NodeID?, _ workers: Workers) throws {
    let segment = try PreparedSegment(graph, from: place, to: node)
    let machines: [Void] = Array(repeating: (), count: max(1, min(workers.count, samples.count)))
    try SampleLoop.run(samples.count, on: machines) { [samples] _, index in
      try samples[index].advance(through: segment)
    } take: {
    }
    place = node
  }
}

/// A segment with its kernels.
private struct PreparedSegment: Sendable {
  let segment: GraphSegment
  let prepared: PreparedGraph
  /// By position in the order of nodes, which values nobody reads later.
  let unread: [[ValueID]]

  init(_ graph: Graph, from first: NodeID?, to last: NodeID?) throws {
    segment = try GraphSegment(graph, from: first, to: last)
    prepared = try PreparedGraph(segment.graph)
    unread = segment.graph.lastReads
  }
}

extension Graph {
  fileprivate var lastReads: [[ValueID]] {
    var found = order.map { _ in [ValueID]() }
    var seen = Set(outputs)
    for (step, node) in order.enumerated().reversed() {
      for value in nodes[node].inputs + nodes[node].results where seen.insert(value).inserted {
        found[step].append(value)
      }
    }
    return found
  }
}

/// What is known of a sample. A class because threads change it, each at a sample of its own.
private final class SampleValues: @unchecked Sendable {
  private(set) var known: [ValueID: ValueMemory]
  private let pool: ValueMemory.Pool

  init(_ known: [ValueID: ValueMemory], _ pool: ValueMemory.Pool) {
    (self.known, self.pool) = (known, pool)
  }

  /// Computes what is needed behind a segment, and forgets the rest.
  func advance(through prepared: PreparedSegment) throws {
    let graph = prepared.segment.graph
    var values = Dictionary(
      zip(graph.inputs, prepared.segment.before.compactMap { known[$0] })
    ) { first, _ in first }
    known = [:]
    for step in graph.order.indices {
      try compute(step, graph, prepared.prepared, &values)
      for value in prepared.unread[step] { values[value] = nil }
    }
    for (value, output) in zip(prepared.segment.after, graph.outputs) {
      known[value] =
        values[output] ?? graph.constantData(output).map { ValueMemory($0, from: pool) }
    }
  }

  private func compute(
    _ step: Int, _ graph: Graph, _ prepared: PreparedGraph, _ values: inout [ValueID: ValueMemory]
  ) throws {
    let node = graph.order[step]
    let operands = graph.nodes[node].inputs.compactMap { operand in
      values[operand]?.bytes ?? graph.constantData(operand)?.bytes
    }
    var results: [UnsafeMutableRawBufferPointer] = []
    for result in graph.nodes[node].results {
      values[result] = ValueMemory(graph.values[result].type.byteCount, from: pool) {
        results.append($0)
      }
    }
    try locating(in: Diagnostic.Place(spot: graph.spot(of: node))) {
      try prepared.kernel(at: step).run(operands, results, .one)
    }
  }
}
