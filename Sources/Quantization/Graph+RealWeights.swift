import GraphIR
import Operators
import Tensors

extension Graph {
  /// Lets layers of real numbers read their weights as such, where the model holds integers with scales, as TFLite's dynamic
  /// range has them: what is to be quantized are real numbers.
  public mutating func dequantizeWeights() {
    var made: [ValueID: ValueID] = [:]
    for node in order where readsStoredWeights(node) {
      let old = nodes[node].inputs[1]
      guard let weights = made[old] ?? addRealNumbers(of: old) else { continue }
      made[old] = weights
      setInput(1, of: node, to: weights)
    }
  }

  private func readsStoredWeights(_ node: NodeID) -> Bool {
    guard case .weighted? = role(of: node) else { return false }
    return values[nodes[node].inputs[1]].type.quantization != nil
  }

  /// Nil for a constant without elements.
  private mutating func addRealNumbers(of constant: ValueID) -> ValueID? {
    guard let data = constantData(constant) else { return nil }
    let old = values[constant]
    let numbers = Tensor(old.type, data).realNumbers.map { Float($0) }
    return addConstant(
      old.name, TensorType(.f32, old.type.shape), TensorData(numbers), sourceIndex: old.sourceIndex)
  }
}
