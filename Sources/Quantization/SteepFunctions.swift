import GraphIR
import Operators

extension Graph {
  /// Nodes without weights whose results are read by steep functions alone, directly or through each other.
  ///
  /// A logarithm or a root tells the smallest numbers apart, and so does a quotient those that it divides by, while integers have one
  /// step for all. Squares need twice the bits of what is squared. These functions have no form for integers, and what leads
  /// to them from the layer before is cheap: all of it is better computed with real numbers.
  func nodesBeforeSteepFunctions() -> Set<NodeID> {
    var found: Set<NodeID> = []
    for node in order.reversed() {
      guard !multipliesMatrices(node) else { continue }
      let results = nodes[node].results
      let readers = results.flatMap { values[$0].uses.map(\.node) }
      guard !readers.isEmpty, results.allSatisfy({ !exits.contains($0) }) else { continue }
      if readers.allSatisfy({ found.contains($0) || isSteep($0) }) { found.insert(node) }
    }
    return found
  }

  /// Whether a node is a layer with weights, or a product of matrices that are both computed.
  private func multipliesMatrices(_ node: NodeID) -> Bool {
    if case .weighted? = role(of: node) { return true }
    return nodes[node].op is BatchMatMul || nodes[node].op is FullyConnected
  }

  private func isSteep(_ node: NodeID) -> Bool {
    switch nodes[node].op {
    // By a constant, a quotient is a product.
    case is Divide: role(of: node) == nil && !isConstant(nodes[node].inputs[1])
    case is Log, is Power, is Reciprocal, is Square, is SquareRoot:
      role(of: node) == nil
    default: false
    }
  }
}
