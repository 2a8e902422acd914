/// The cycles of layers as node data of Google's Model Explorer, which then colors the nodes of the model by them.
///
/// A layer's cycles stand at the node that computes its result, which is found by the tensor's name.
public struct NodeData: Encodable, Hashable, Sendable {
  /// By the graph's id, for which the viewer takes its name in the model file.
  private let graphs: [String: GraphData]

  private struct GraphData: Encodable, Hashable {
    /// By the name of a tensor, or the id of a node.
    var results: [String: Result] = [:]
    /// From the least value to the largest.
    let gradient = [
      Stop(stop: 0, bgColor: "#ffffff"), Stop(stop: 0.5, bgColor: "#fdae61"),
      Stop(stop: 1, bgColor: "#d7191c"),
    ]
  }

  private struct Result: Encodable, Hashable { let value: Int }

  private struct Stop: Encodable, Hashable {
    let stop: Double
    let bgColor: String
  }

  /// - Parameter graph: the graph's name in the model file.
  public init(_ profile: Profile, graph: String) {
    var data = GraphData()
    for layer in profile.layers where layer.engine != "none" {
      // Two layers may give their results one name.
      let known = data.results[layer.nodeKey]?.value ?? 0
      data.results[layer.nodeKey] = Result(value: known + layer.latencyCycles)
    }
    graphs = [graph: data]
  }

  /// The graphs at the root, as the viewer expects them.
  public func encode(to encoder: any Encoder) throws { try graphs.encode(to: encoder) }
}

extension Profile.Layer {
  /// The name of the result. A number is no tensor's name but that of a value which is not in the file, and would be taken
  /// for the id of a node, which is an operator's position: then it is that of the last operator.
  fileprivate var nodeKey: String {
    let isNumber = !name.isEmpty && name.allSatisfy(\.isNumber)
    return isNumber ? sources.last.map { String($0.index) } ?? name : name
  }
}
