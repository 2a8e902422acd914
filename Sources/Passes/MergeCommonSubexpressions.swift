import GraphIR
import Support
import Tensors

extension Pass {
  /// Computes once what several nodes compute alike, and stores once what several constants hold alike.
  public static let mergeCommonSubexpressions = Pass(
    "merge-common-subexpressions", "let equal nodes, and equal constants, be one"
  ) { graph in
    let mergedConstants = graph.mergeConstants()
    return graph.mergeNodes() || mergedConstants
  }
}

/// What makes two nodes the same: operator with attributes, operands, and the types of the results.
private struct Expression: Hashable {
  let op: AnyHashable
  let operands: [ValueID]
  let results: [TensorType]

  init(_ id: NodeID, in graph: Graph) {
    op = AnyHashable(graph.nodes[id].op)
    operands = graph.nodes[id].inputs
    results = graph.types(of: graph.nodes[id].results)
  }
}

extension Graph {
  /// Elided constants stay apart: nobody knows whether they are equal.
  fileprivate mutating func mergeConstants() -> Bool {
    var first: [Tensor: ValueID] = [:]
    var hasChanged = false
    for id in usedConstants where !outputs.contains(id) {
      guard let data = constantData(id) else { continue }
      let tensor = Tensor(values[id].type, data)
      guard let kept = first[tensor] else {
        first[tensor] = id
        continue
      }
      replaceAllUses(of: id, with: kept)
      hasChanged = true
    }
    return hasChanged
  }

  /// One walk is enough: when two nodes are compared, equal operands of theirs have been merged already.
  fileprivate mutating func mergeNodes() -> Bool {
    var first: [Expression: NodeID] = [:]
    var hasChanged = false
    for id in order {
      let expression = Expression(id, in: self)
      if let kept = first[expression] {
        hasChanged = merge(id, into: kept) || hasChanged
      } else {
        first[expression] = id
      }
    }
    return hasChanged
  }

  private mutating func merge(_ duplicate: NodeID, into kept: NodeID) -> Bool {
    let pairs = Array(zip(nodes[duplicate].results, nodes[kept].results))
    // Two outputs have two names, and one value cannot have both.
    guard !pairs.contains(where: { outputs.contains($0) && outputs.contains($1) }) else {
      return false
    }
    for (old, new) in pairs {
      moveName(of: old, to: new, replacing: outputs.contains(old))
      replaceAllUses(of: old, with: new)
    }
    erase([duplicate], absorbedBy: kept)
    return true
  }
}
