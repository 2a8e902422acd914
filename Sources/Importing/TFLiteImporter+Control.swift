import GraphIR
import Operators
import Support
import Tensors

/// Operators that work on other subgraphs of the file.
extension TFLiteImporter {
  static let control: [String: TFLiteStatement] = [
    "CALL": { importer, node, source, builder in
      try importer.inline(node.integer("subgraph"), node, source, &builder)
    },
    "CALL_ONCE": { importer, node, source, builder in
      try importer.initializeVariables(node.integer("init_subgraph_index"), &builder)
      builder.graph.absorb([source], into: nil)
    },
    "STABLEHLO_COMPOSITE": { importer, node, source, builder in
      try importer.inline(node.integer("decomposition_subgraph_index"), node, source, &builder)
    },
    "IF": { importer, node, source, builder in
      let op = If(
        then: try importer.subgraph(node.integer("then_subgraph_index"), &builder),
        otherwise: try importer.subgraph(node.integer("else_subgraph_index"), &builder))
      try builder.insert(node.becomes(op), node.results, source)
    },
    "WHILE": { importer, node, source, builder in
      let op = While(
        condition: try importer.subgraph(node.integer("cond_subgraph_index"), &builder),
        body: try importer.subgraph(node.integer("body_subgraph_index"), &builder))
      try builder.insert(node.becomes(op), node.results, source)
    },
  ]

  /// A subgraph as an attribute of a node.
  private func subgraph(_ index: Int, _ caller: inout TFLiteGraphBuilder) throws -> Subgraph {
    var builder = try callee(index, of: caller, Graph(name: name(of: index)))
    builder.nesting += 1
    // In the text form, quotes double with each level.
    guard builder.nesting <= 8 else { throw Diagnostic(.tooNested) }
    // Also of one that fails: the caller goes on with its next operator.
    defer { caller.operatorCount = builder.operatorCount }
    try build(&builder)
    // States may also come from a subgraph that this one calls.
    guard !builder.variables.areUsed, builder.graph.states.isEmpty else {
      throw Diagnostic(.variablesInBranch(index))
    }
    return Subgraph(builder.graph)
  }

  /// Takes the first values of variables from a subgraph that assigns them constants.
  private func initializeVariables(_ index: Int, _ caller: inout TFLiteGraphBuilder) throws {
    var builder = try callee(index, of: caller, Graph(name: name(of: index)))
    defer { caller.operatorCount = builder.operatorCount }
    try build(&builder)
    for (name, tensor) in try builder.assignedTensors() {
      caller.variables.resources[name, default: .init()].initial = tensor
    }
  }

  /// Lets the nodes of a subgraph stand in place of the call.
  private func inline(
    _ index: Int, _ node: TFLiteNode, _ source: SourceOperator,
    _ caller: inout TFLiteGraphBuilder
  ) throws {
    let operands = try node.operands.indices.map { try caller.value(node.operand($0)) }
    let nodeCount = caller.graph.order.count
    var builder = try callee(index, of: caller, caller.graph)
    builder.isInlined = true
    builder.variables = caller.variables
    builder.variables.tensors = [:]
    let inputs = try builder.tensors.indices(of: builder.tensors.subgraph, "inputs", "its inputs")
    let outputs = try builder.tensors.indices(
      of: builder.tensors.subgraph, "outputs", "its outputs")
    guard inputs.count == operands.count, outputs.count == node.results.count else {
      throw Diagnostic(.callCounts(index, inputs.count, outputs.count))
    }
    for (input, operand) in zip(inputs, operands) { try builder.alias(input, to: operand) }
    let results = try convert(&builder, outputs, for: &caller)
    let last = caller.graph.order.dropFirst(nodeCount).last
    // The operator of the file stands in one node; if the subgraph has none, in no node.
    if !caller.isInlined { caller.graph.absorb([source], into: last) }
    for (tensor, value) in zip(node.results, results) { try caller.take(tensor, from: value) }
  }

  /// Inserts the nodes of a called subgraph, and gives the values of its outputs.
  private func convert(
    _ callee: inout TFLiteGraphBuilder, _ outputs: [Int], for caller: inout TFLiteGraphBuilder
  ) throws -> [ValueID] {
    // Until the call has ended the callee alone has the graph: of two, each change would copy it.
    caller.graph = Graph(name: "")
    defer { caller.resume(after: &callee) }
    try convertOperators(into: &callee)
    return try outputs.map { try callee.value($0) }
  }

  /// A builder for a subgraph that is reached from another.
  private func callee(
    _ index: Int, of caller: TFLiteGraphBuilder, _ graph: @autoclosure () throws -> Graph
  ) throws -> TFLiteGraphBuilder {
    guard !caller.path.contains(index) else { throw Diagnostic(.recursion(index)) }
    guard caller.path.count < 64 else { throw Diagnostic(.tooDeep) }
    var builder = TFLiteGraphBuilder(
      tensors: try tensors(of: index), graph: try graph(), path: caller.path + [index],
      shapesAreBound: false)
    builder.operatorCount = caller.operatorCount
    builder.nesting = caller.nesting
    return builder
  }
}

extension Diagnostic.Message {
  fileprivate static func variablesInBranch(_ index: Int) -> Self {
    Self(
      id: "variables-in-branch", .unsupported,
      "subgraph \(index), which is a branch or a loop, reads or assigns variables")
  }

  fileprivate static func callCounts(_ index: Int, _ inputs: Int, _ outputs: Int) -> Self {
    Self(
      id: "call-counts", .malformed,
      "subgraph \(index) has \(inputs) inputs and \(outputs) outputs, not those of its call")
  }

  fileprivate static func recursion(_ index: Int) -> Self {
    Self(id: "recursive-subgraph", .malformed, "subgraph \(index) calls itself")
  }

  fileprivate static var tooNested: Self {
    Self(
      id: "recursive-subgraph", .unsupported, "branches and loops stand within each other 9 deep")
  }

  fileprivate static var tooDeep: Self {
    Self(id: "recursive-subgraph", .unsupported, "subgraphs call each other 64 deep")
  }
}
