import GraphIR
import ONNXSchema
import Operators
import Tensors

extension ONNXForm {
  /// Graphs within nodes, which see the tensors of the graph around them.
  static let control: [ONNXForm] = [
    ONNXForm(If.self) { op, site, writer in
      let operands = try site.operands.map { try writer.stored($0) }
      let branches = try [op.then, op.otherwise].map { branch in
        try writer.nested { try $0.inline(branch.graph, Array(operands.dropFirst())) }
      }
      let names = writer.file.add(
        "If", [operands[0]],
        [.graph("then_branch", branches[0]), .graph("else_branch", branches[1])],
        results: site.results.count)
      writer.defineStored(site, as: names)
    },
    ONNXForm(While.self) { op, site, writer in
      let operands = try site.operands.map { try writer.stored($0) }
      let begins = try writer.inline(op.condition.graph, operands)[0]
      let body = try writer.loopBody(op, site)
      let names = writer.file.add(
        "Loop", ["", begins] + operands, [.graph("body", body)], results: site.results.count)
      writer.defineStored(site, as: names)
    },
  ]
}

extension ONNXGraphWriter {
  fileprivate mutating func defineStored(_ site: ONNXSite, as names: [String]) {
    for (result, name) in zip(site.results, names) {
      defineStored(result, plainOrder(result), as: name)
    }
  }

  /// Writes the nodes of another graph where this one is, and gives the names of its outputs.
  fileprivate mutating func inline(_ graph: Graph, _ inputs: [String]) throws -> [String] {
    let prefix = file.prefix
    var inner = ONNXGraphWriter(graph, in: file, inputs: inputs)
    try inner.writeNodes()
    let outputs = try graph.outputs.map { try inner.stored($0) }
    file = inner.file
    file.prefix = prefix
    return outputs
  }

  /// A graph within a node, whose outputs are what `body` gives. They are copied, for the graph around may have computed
  /// them.
  fileprivate mutating func nested(
    inputs: [ONNXValueInfoProto] = [], _ body: (inout Self) throws -> [String]
  ) throws -> ONNXGraphProto {
    let outer = file.beginGraph()
    let names = try body(&self).map { file.add("Identity", [$0]) }
    return file.endGraph(outer, inputs: inputs, outputs: names)
  }

  /// Takes the number of the round, whether it takes place, and what goes from round to round; gives whether there is
  /// another one, and what goes on.
  fileprivate mutating func loopBody(_ op: While, _ site: ONNXSite) throws -> ONNXGraphProto {
    let round = ONNXValueInfoProto(file.claim("\(file.prefix)/round"), TensorType(.i64, []))
    let goesOn = ONNXValueInfoProto(file.claim("\(file.prefix)/goes_on"), TensorType(.bool, []))
    let carried = site.types.map { ONNXValueInfoProto(file.claim("\(file.prefix)/carried"), $0) }
    return try nested(inputs: [round, goesOn] + carried) { writer in
      let next = try writer.inline(op.body.graph, carried.map(\.name))
      return try writer.inline(op.condition.graph, next) + next
    }
  }
}
