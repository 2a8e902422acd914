import GraphIR
import Operators
import Tensors

/// Values whose channels are the same, for what lies between them works channel by channel: all of them are padded, or none.
package struct ChannelGroup {
  /// In the order of the graph.
  package let values: [ValueID]
  /// The nodes that read or compute one of them.
  package let nodes: [NodeID]
  package let channels: Int

  /// Every group whose channels may be padded without changing what the network gives.
  package static func all(of graph: Graph) -> [ChannelGroup] {
    var finder = ChannelGroupFinder(graph)
    return finder.groups()
  }
}

/// Joins values over the nodes between them.
private struct ChannelGroupFinder {
  private let graph: Graph
  /// A value that stands for its group, reached step by step.
  private var parents: [ValueID: ValueID] = [:]
  /// Groups that something reads in a way that padding would change.
  private var fixed: Set<ValueID> = []

  init(_ graph: Graph) { self.graph = graph }

  mutating func groups() -> [ChannelGroup] {
    for node in graph.order { join(node) }
    // What leaves the graph is promised to somebody.
    let promised = graph.exits + graph.states.map(\.current)
    let fixed = Set((promised + Array(fixed)).map { root(of: $0) })
    let activations = graph.inputs + graph.order.flatMap { graph.nodes[$0].results }
    let grouped = Dictionary(grouping: activations) { root(of: $0) }
    return activations.filter { root(of: $0) == $0 && !fixed.contains($0) }.compactMap { first in
      let values = grouped[first] ?? []
      let shape = graph.values[first].type.shape
      guard shape.rank == 4 else { return nil }
      let members = Set(values)
      let nodes = graph.order.filter { node in
        (graph.nodes[node].inputs + graph.nodes[node].results).contains(where: members.contains)
      }
      return ChannelGroup(values: values, nodes: nodes, channels: shape[3])
    }
  }

  private mutating func join(_ node: NodeID) {
    let operands = graph.nodes[node].inputs
    guard let result = graph.nodes[node].results.first else { return fixed.formUnion(operands) }
    let shapes = graph.types(of: operands).map(\.shape)
    switch graph.nodes[node].op {
    // Images and results of convolutions have channels of their own; groups of them do not take more.
    case is Conv2D where canPadWeights(operands) && shapes[0][3] == shapes[1][3]: return
    case is DepthwiseConv2D where canPadWeights(operands) && shapes[0][3] == shapes[1][3]:
      unite(operands[0], result)
    case is any PoolingOperator: unite(operands[0], result)
    case is Add where shapes[0] == shapes[1] && !operands.contains(where: graph.isConstant):
      unite(operands[0], result)
      unite(operands[1], result)
    default: fixed.formUnion(operands + graph.nodes[node].results)
    }
  }

  /// Whether weights and bias are constants of whole bytes, in which one number stands for zero.
  private func canPadWeights(_ operands: [ValueID]) -> Bool {
    !graph.isConstant(operands[0])
      && operands.dropFirst().allSatisfy { operand in
        let type = graph.values[operand].type
        let zeroPoints = Set(type.quantization?.zeroPoints ?? [])
        return graph.isConstant(operand) && type.element.bitWidth % 8 == 0 && zeroPoints.count <= 1
      }
  }

  private mutating func unite(_ a: ValueID, _ b: ValueID) {
    let (a, b) = (root(of: a), root(of: b))
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  private func root(of value: ValueID) -> ValueID {
    var value = value
    while let parent = parents[value] { value = parent }
    return value
  }
}
