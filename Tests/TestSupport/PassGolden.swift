import Evaluation
import GraphIR
import Operators
import Support

extension Golden {
  /// Runs a pass on the input, and says all that is wrong with the result; empty if nothing is.
  ///
  /// The text must be the expected one, the graph sound, and its outputs as near to those of the input as the pass
  /// promises.
  public func problems(with pass: Pass) throws -> [String] {
    let parser = try GraphParser(input, operators: Operators.all)
    var graph = parser.graph
    let hasChanged = try pass.run(&graph)
    // Generated constants print as they were written.
    let text = graph.text { data in parser.literals.first { $0.data == data }?.text }
    var found = title.isEmpty ? ["\(path): the first line does not say what it shows"] : []
    found += try compare(text)
    if hasChanged != (graph != parser.graph) {
      found.append("the pass says that it changed \(hasChanged ? "something" : "nothing")")
    }
    found += soundnessProblems(before: parser.graph, after: graph)
    if graph.usedConstants.allSatisfy({ graph.constantData($0) != nil }) {
      found += try outputDifferences(
        parser.graph, graph, tolerance: pass.exactness.tolerance)
    }
    if try pass.run(&graph) { found.append("a second run changes the graph again") }
    return found
  }
}

/// Findings of the verifier, source operators that were lost, and outputs that lost their names.
public func soundnessProblems(before: Graph, after: Graph) -> [String] {
  var found = (before.verify() + after.verify()).map(\.description)
  if sources(before) != sources(after) { found.append("operators of the source model were lost") }
  if outputNames(before) != outputNames(after) { found.append("an output lost its name") }
  return found
}

private func sources(_ graph: Graph) -> [SourceOperator] {
  (graph.order.flatMap { graph.nodes[$0].sources } + graph.eliminated).sorted()
}

private func outputNames(_ graph: Graph) -> [String] {
  graph.outputs.map { graph.values[$0].name }
}
