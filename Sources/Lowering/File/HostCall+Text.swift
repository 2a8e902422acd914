import GraphIR
import Operators
import Support
import Tensors

/// A call to the host as a graph of one node: operands are its inputs, or constants whose data lie in the image.
///
///     graph call(%x0: f32[1, 4]) {
///       %x1 = constant(elided) : f32[4]
///       %y0 = add(%x0, %x1) : f32[1, 4]
///       return %y0
///     }
extension HostCall {
  /// The text form of the graph.
  ///
  /// - Throws: a `Diagnostic` if the operator refuses its own operands.
  func text() throws -> String {
    var graph = Graph(name: "call")
    let operands = site.operands.enumerated().map { position, type in
      site.constants[position] == nil
        ? graph.addInput("x\(position)", type) : graph.addConstant("x\(position)", type, nil)
    }
    let results = try graph.insert(op, operands, results: site.results)
    for (position, result) in results.enumerated() {
      graph.rename(result, "y\(position)", sourceIndex: nil)
    }
    graph.setOutputs(results)
    return graph.text()
  }

  /// Reads what `text` wrote.
  ///
  /// - Parameter constant: the bytes in a span, nil where constants are elided; it throws if none are there.
  /// - Throws: a `Diagnostic` if the text is no sound graph of one node, or has other operands or results.
  init(
    _ text: String, operands: [Span], results: [Span], constant: (Span) throws -> TensorData?
  ) throws {
    // A few words would make us compute what no file has to justify.
    guard text.firstMatch(of: /(constant|state)\s*\(\s*(random|splat)/) == nil else {
      throw Diagnostic(.generated)
    }
    let graph = try GraphParser(text, operators: Operators.all).graph
    try Diagnostics(graph.verify()).throwIfErrors()
    guard graph.order.count == 1, let id = graph.order.first, graph.states.isEmpty,
      graph.outputs == graph.nodes[id].results
    else { throw Diagnostic(.noSingleNode) }
    let node = graph.nodes[id]
    guard node.inputs.count == operands.count, node.results.count == results.count else {
      throw Diagnostic(.operandCount(node.kind))
    }
    let constants = try zip(node.inputs, operands).map { value, span in
      guard graph.isConstant(value) else { return nil as TensorData? }
      let data = try constant(span)
      guard data.map({ $0.byteCount == graph.values[value].type.byteCount }) ?? true else {
        throw Diagnostic(.constantSize(node.kind))
      }
      return data
    }
    self.init(
      op: node.op,
      site: Site(
        operands: graph.types(of: node.inputs), constants: constants,
        results: graph.types(of: node.results)),
      operands: operands, results: results)
  }
}

extension Diagnostic.Message {
  fileprivate static var noSingleNode: Self {
    Self(id: "bad-program-file", .malformed, "the text of a call is no graph of a single node")
  }

  fileprivate static var generated: Self {
    Self(id: "bad-program-file", .malformed, "the text of a call generates a constant")
  }

  fileprivate static func operandCount(_ kind: String) -> Self {
    Self(
      id: "bad-program-file", .malformed,
      "a call of `\(kind)` has other operands or results than spans")
  }

  fileprivate static func constantSize(_ kind: String) -> Self {
    Self(
      id: "bad-program-file", .malformed,
      "a constant of `\(kind)` does not have the size of its type"
    )
  }
}
