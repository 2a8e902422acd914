import GraphIR
import Operators
import Tensors

extension Graph {
  /// Gives a bias of 0 to each layer with constant weights that has none, so that there is one to change.
  mutating func addMissingBiases() throws {
    for node in order {
      guard case .weighted? = role(of: node), nodes[node].inputs.count == 2 else { continue }
      try addBias(to: node)
    }
  }

  private mutating func addBias(to node: NodeID) throws {
    let old = result(of: node)
    let (name, index, type) = (values[old].name, values[old].sourceIndex, values[old].type)
    guard let channels = type.shape.extents.last else { return }
    let bias = addConstant(
      name + "_bias", TensorType(.f32, [channels]),
      TensorData([Float](repeating: 0, count: channels)))
    let new = try insert(
      nodes[node].op, nodes[node].inputs + [bias], results: [type], before: node)[0]
    replaceAllUses(of: old, with: new)
    rename(old, name + "_unbiased", sourceIndex: nil)
    rename(new, name, sourceIndex: index)
    if let successor = producer(of: new) { erase([node], absorbedBy: successor) }
  }
}
