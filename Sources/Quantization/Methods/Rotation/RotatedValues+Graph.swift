import GraphIR
import Operators
import Tensors

extension RotatedValues {
  /// Rotates the values of the group.
  ///
  /// - Precondition: the graph is the one that the group was found in, or has other numbers in its constants.
  package func rotate(_ graph: inout Graph) {
    for node in normalizations { graph.moveParameters(of: node) }
    let rotation = ChannelRotation(block: block)
    for node in writers.sorted() {
      let inputs = graph.nodes[node].inputs
      let outputs = graph.values[inputs[1]].type.shape[0]
      graph.replaceNumbers(1, of: node) {
        rotation.rotated($0, stride: $0.count / max(1, outputs))
      }
      if inputs.count > 2 { graph.replaceNumbers(2, of: node) { rotation.rotated($0) } }
    }
    for node in readers.sorted() { graph.replaceNumbers(1, of: node) { rotation.rotated($0) } }
    for use in constants.sorted(by: { ($0.node, $0.operand) < ($1.node, $1.operand) }) {
      graph.replaceNumbers(use.operand, of: use.node) { rotation.rotated($0) }
    }
  }
}

extension Graph {
  /// Moves factors and offsets of a normalization into the layers that read it: `W · (γ · n + β) + b = (W ·
  /// diag(γ)) · n + (b + W · β)`.
  fileprivate mutating func moveParameters(of node: NodeID) {
    let inputs = nodes[node].inputs
    guard inputs.count > 1, let factors = constantNumbers(inputs[1]) else { return }
    let offsets = inputs.count > 2 ? constantNumbers(inputs[2]) ?? [] : []
    for layer in layers(behind: result(of: node)) ?? [] {
      let weights = constantNumbers(nodes[layer].inputs[1]) ?? []
      if offsets.contains(where: { $0 != 0 }) {
        replaceNumbers(2, of: layer) { $0.adding(weights, times: offsets) }
      }
      replaceNumbers(1, of: layer) { weights in
        weights.indices.map { weights[$0] * factors[$0 % factors.count] }
      }
    }
    replaceNumbers(1, of: node) { $0.map { _ in 1 } }
    if inputs.count > 2 { replaceNumbers(2, of: node) { $0.map { _ in 0 } } }
  }

  /// Gives a node another constant in the place of one.
  fileprivate mutating func replaceNumbers(
    _ operand: Int, of node: NodeID, _ change: ([Float]) -> [Float]
  ) {
    let old = nodes[node].inputs[operand]
    guard let numbers = constantNumbers(old) else { return }
    let new = addConstant(
      values[old].name, values[old].type, TensorData(change(numbers)))
    setInput(operand, of: node, to: new)
  }
}

extension [Float] {
  /// A bias with what weights `[output][input]` make of offsets of the inputs.
  fileprivate func adding(_ weights: [Float], times offsets: [Float]) -> [Float] {
    indices.map { output in
      let row = weights[output * offsets.count..<(output + 1) * offsets.count]
      return Float(
        zip(row, offsets).reduce(Double(self[output])) { $0 + Double($1.0) * Double($1.1) })
    }
  }
}
