import GraphIR

extension Graph {
  /// Gives results that passes left without a name those of the model file's tensors that they stand for.
  ///
  /// A value may lie in another layout than the tensor; what it is, its name tells.
  ///
  /// - Parameter original: the graph as it was read.
  public mutating func nameLayers(after original: Graph) {
    let names = LayerNames(self, original: original)
    // Values that nothing computes any more keep their names, but do not need them.
    let living = inputs + usedConstants + order.flatMap { nodes[$0].results }
    var used = Set(living.map { values[$0].name })
    for node in order where names.own(node).isEmpty && nodes[node].results.count == 1 {
      guard let name = names.final(of: node).first, used.insert(name).inserted else { continue }
      rename(result(of: node), name, sourceIndex: nil)
    }
  }
}
