import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXNode {
  /// Inserts the nodes of a graph within this node in its place; they see the names around it.
  ///
  /// - Parameter inputs: what the subgraph's inputs stand for, in order.
  func inline(
    _ subgraph: ONNXSubgraph, _ inputs: [ONNXValue], _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    try context.checkDepth()
    guard inputs.count == subgraph.inputNames.count else {
      throw Diagnostic(.inputCount(kind, inputs.count, subgraph.inputNames.count))
    }
    return try builder.withScope { builder in
      for (name, input) in zip(subgraph.inputNames, inputs) {
        try builder.define(name, as: input)
      }
      try importer.addInitializers(of: subgraph.message, to: &builder)
      try importer.convertNodes(subgraph.message.node, context, into: &builder)
      return try subgraph.outputNames.map { try builder.value($0) }
    }
  }

  /// A graph within this node as a graph of its own.
  ///
  /// What it reads of the graph around becomes further inputs, behind its own: first `captures`, then what else it reads.
  ///
  /// - Returns: the graph, and what its further inputs stand for in the graph around.
  func subgraph(
    _ subgraph: ONNXSubgraph, inputs: [TensorType], captures: [ValueID] = [],
    _ builder: ONNXGraphBuilder
  ) throws -> (Subgraph, captured: [ValueID]) {
    let built = try graph(
      subgraph, inputs: inputs, captures: captures, builder
    ) { _, results in
      try results.map { result in
        guard case .tensor(let id) = result else { throw Diagnostic(.sequenceResult(kind)) }
        return id
      }
    }
    return (Subgraph(built.0), built.captured)
  }

  /// As `subgraph`, with a last word on what the graph gives.
  func graph(
    _ subgraph: ONNXSubgraph, inputs: [TensorType], captures: [ValueID] = [],
    _ outer: ONNXGraphBuilder,
    finish: (inout ONNXGraphBuilder, [ONNXValue]) throws -> [ValueID]
  ) throws -> (Graph, captured: [ValueID]) {
    let graph = Graph(name: .graphIdentifier(subgraph.message.name))
    var builder = try ONNXGraphBuilder(graph, within: outer)
    let own = zip(subgraph.inputNames, inputs).map { name, type in
      builder.graph.addInput(name, type)
    }
    for id in captures { builder.captureInput(id) }
    let results = try inline(subgraph, own.map { .tensor($0) }, &builder)
    let outputs = try finish(&builder, results)
    builder.graph.setOutputs(outputs)
    return (builder.graph, builder.captures?.captured ?? [])
  }
}

extension ONNXGraphBuilder {
  /// Brings in a value of the graph around, whether anything reads it or not.
  fileprivate mutating func captureInput(_ id: ValueID) { captures?.capture(id, into: &graph) }
}

extension Diagnostic.Message {
  fileprivate static func inputCount(_ kind: String, _ found: Int, _ expected: Int) -> Self {
    Self(
      id: "subgraph-inputs", .malformed,
      "a graph within `\(kind)` takes \(expected) inputs, and would get \(found)")
  }

  fileprivate static func sequenceResult(_ kind: String) -> Self {
    Self(
      id: "sequence-result", .unsupported,
      "a graph within `\(kind)` gives a list of tensors, whose length would not be known")
  }
}
