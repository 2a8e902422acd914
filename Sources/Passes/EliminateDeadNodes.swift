import GraphIR

extension Pass {
  /// Erases what has no part in any output.
  public static let eliminateDeadNodes = Pass(
    "eliminate-dead-nodes", "erase nodes whose results nobody reads"
  ) { graph in
    let dead = graph.deadNodes
    graph.erase(dead)
    return !dead.isEmpty
  }
}

extension Graph {
  /// The nodes that no output depends on.
  fileprivate var deadNodes: Set<NodeID> {
    let exits = Set(exits)
    var dead: Set<NodeID> = []
    // From the last to the first, so that the readers of a node are known to be dead before it.
    for id in order.reversed() {
      let isRead = nodes[id].results.contains { value in
        exits.contains(value) || values[value].uses.contains { !dead.contains($0.node) }
      }
      if !isRead { dead.insert(id) }
    }
    return dead
  }
}
