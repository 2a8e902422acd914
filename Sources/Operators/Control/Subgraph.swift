import GraphIR
import Support
import Tensors

/// A graph as an attribute of an operator. In text it is a list of the lines of the graph's text form.
public struct Subgraph: Sendable {
  /// What is computed; it has no states.
  public let graph: Graph
  private let text: String

  /// - Precondition: the graph has no states: they would have nowhere to be between runs.
  public init(_ graph: Graph) {
    precondition(graph.states.isEmpty, "a graph within a node has no states")
    self.graph = graph
    text = graph.text()
  }

  /// A graph without inputs and outputs.
  static let empty = Subgraph(Graph(name: ""))

  /// The types of the outputs, for operands of the given types.
  ///
  /// - Parameter role: what the graph is to its node, such as `body`.
  /// - Throws: a `Diagnostic` if the operands are not what the graph's inputs are.
  func outputTypes(_ operands: [TensorType], _ role: String, _ kind: String) throws -> [TensorType]
  {
    let inputs = graph.types(of: graph.inputs)
    guard inputs.count == operands.count, zip(inputs, operands).allSatisfy({ $0.matches($1) })
    else { throw Diagnostic(.subgraphInputs(role, kind, inputs, operands)) }
    return graph.types(of: graph.outputs)
  }

  /// The work of all nodes.
  var work: Work {
    graph.order.map(graph.work).reduce(Work(), +)
  }
}

extension Subgraph: Hashable, Codable {
  /// Two are equal if their texts are.
  public static func == (a: Subgraph, b: Subgraph) -> Bool { a.text == b.text }

  public func hash(into hasher: inout Hasher) { hasher.combine(text) }

  /// - Throws: a `Diagnostic` if the text is no sound graph, or one with states.
  public init(from decoder: any Decoder) throws {
    let lines = try decoder.singleValueContainer().decode([String].self)
    // The text of an empty graph does not read back: it has no output to return.
    guard !lines.isEmpty else {
      self.init(Graph(name: ""))
      return
    }
    let graph = try GraphParser(
      lines.joined(separator: "\n"), operators: Operators.all
    ).graph
    try Diagnostics(graph.verify()).throwIfErrors()
    guard graph.states.isEmpty else { throw Diagnostic(.statesInSubgraph(graph.name)) }
    self.init(graph)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    let lines = text.split(separator: "\n").map(String.init)
    try container.encode(graph.outputs.isEmpty ? [] : lines)
  }
}

/// A subgraph that is ready to be computed, any number of times.
struct PreparedSubgraph: Sendable {
  private let prepared: PreparedGraph

  init(_ subgraph: Subgraph) throws { prepared = try PreparedGraph(subgraph.graph) }

  /// Computes the graph for the bytes of its inputs, and lets `body` read those of its outputs.
  func run<Result>(
    _ inputs: [UnsafeRawBufferPointer], _ workers: Workers,
    _ body: ([UnsafeRawBufferPointer]) throws -> Result
  ) throws -> Result {
    let block = UnsafeMutableRawPointer.allocate(
      byteCount: prepared.byteCount, alignment: PreparedGraph.alignment)
    defer { block.deallocate() }
    for (input, bytes) in zip(prepared.graph.inputs, inputs) {
      prepared.memory(of: input, in: block).copyMemory(from: bytes)
    }
    try prepared.bound(to: block).run(workers: workers)
    return try body(prepared.graph.outputs.map { prepared.bytes(of: $0, in: block) })
  }
}

extension Diagnostic.Message {
  fileprivate static func subgraphInputs(
    _ role: String, _ kind: String, _ inputs: [TensorType], _ operands: [TensorType]
  ) -> Self {
    func list(_ types: [TensorType]) -> String {
      types.map { "\($0.element.rawValue)\($0.shape)" }.joined(separator: ", ")
    }
    return Self(
      id: "subgraph-inputs", .malformed,
      "the \(role) of `\(kind)` takes \(list(inputs)), its operands are \(list(operands))")
  }

  fileprivate static func statesInSubgraph(_ name: String) -> Self {
    Self(
      id: "states-in-subgraph", .unsupported,
      "graph `\(name)` within a node has states, which would have nowhere to be between runs")
  }
}
