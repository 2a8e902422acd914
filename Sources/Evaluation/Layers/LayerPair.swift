import GraphIR
import Tensors

/// A layer of one model, and the layer of another that computes the same.
public struct LayerPair: Hashable, Sendable {
  /// The node of the model that is judged.
  public let node: NodeID
  /// The node of the model that it is compared with.
  public let other: NodeID
  /// The tensor of the files by whose name they were found; nil if only kind, shape and order tell.
  public let tensor: String?

  /// Finds the layers of two models that compute the same, in the order of the first.
  ///
  /// They are known by the name of their result. Those that are left are paired in order where both models have
  /// equally many of one operator and shape.
  ///
  /// - Parameters:
  ///   - graph, other: as they are run.
  ///   - original, otherOriginal: as they were read.
  public static func all(
    _ graph: Graph, original: Graph, _ other: Graph, otherOriginal: Graph
  ) -> [LayerPair] {
    let named = byName(
      graph, LayerNames(graph, original: original), other,
      LayerNames(other, original: otherOriginal))
    let inOrder = byOrder(
      graph, graph.layers.filter { id in !named.contains { $0.node == id } },
      other, other.layers.filter { id in !named.contains { $0.other == id } })
    let places = Dictionary(uniqueKeysWithValues: graph.order.enumerated().map { ($1, $0) })
    return (named + inOrder).sorted { (places[$0.node] ?? 0) < (places[$1.node] ?? 0) }
  }

  private static func byName(
    _ graph: Graph, _ names: LayerNames, _ other: Graph, _ otherNames: LayerNames
  ) -> [LayerPair] {
    var owners: [String: NodeID] = [:]
    for id in graph.layers { for name in names.all(of: id) { owners[name] = id } }
    // Of several nodes that together do the work of an operator, the last one has the name itself.
    for id in graph.layers { for name in names.own(id) { owners[name] = id } }
    // Of several layers that this one does the work of, the last gives what it gives.
    var pairs: [NodeID: LayerPair] = [:]
    for id in other.layers {
      let found = otherNames.final(of: id).lazy.compactMap { name in owners[name].map { (name, $0) }
      }
      guard let (name, node) = found.first,
        graph.resultExtents(of: node) == other.resultExtents(of: id)
      else { continue }
      pairs[node] = LayerPair(node: node, other: id, tensor: name)
    }
    return Array(pairs.values)
  }

  private static func byOrder(
    _ graph: Graph, _ nodes: [NodeID], _ other: Graph, _ otherNodes: [NodeID]
  ) -> [LayerPair] {
    let groups = Dictionary(grouping: nodes, by: graph.likeness)
    let otherGroups = Dictionary(grouping: otherNodes, by: other.likeness)
    return groups.flatMap { likeness, nodes in
      let others = otherGroups[likeness] ?? []
      guard others.count == nodes.count else { return [LayerPair]() }
      return zip(nodes, others).map { LayerPair(node: $0, other: $1, tensor: nil) }
    }
  }
}

extension Graph {
  /// The nodes that compute something, in order.
  var layers: [NodeID] { order.filter { nodes[$0].isLayer && !nodes[$0].results.isEmpty } }

  /// The extents of a node's first result, without those of 1.
  fileprivate func resultExtents(of node: NodeID) -> [Int] {
    values[result(of: node)].type.shape.extents.filter { $0 != 1 }
  }

  /// Operator and shape. Operators on integers that are not quantized have names of their own.
  fileprivate func likeness(_ node: NodeID) -> String {
    let kind = nodes[node].kind.replacing("integer_", with: "")
    return "\(kind) \(resultExtents(of: node))"
  }
}
