import GraphIR
import Passes
import Tensors

/// A layer whose channels are scaled in its weights and bias.
struct ScaledLayer {
  let node: NodeID
  let layout: WeightLayout
  private(set) var weights: [Float]
  private(set) var bias: [Float]?
  private var isChanged = false

  /// - Returns: nil for a node without weights, and for weights or a bias that are not known or not finite.
  init?(_ node: NodeID, in graph: Graph) {
    let inputs = graph.nodes[node].inputs
    guard case .weighted? = graph.role(of: node),
      let layout = WeightLayout(graph.nodes[node].op, graph.types(of: inputs)),
      let weights = graph.constantNumbers(inputs[1]), weights.allSatisfy(\.isFinite)
    else { return nil }
    if inputs.count > 2 {
      guard let bias = graph.constantNumbers(inputs[2]), bias.allSatisfy(\.isFinite) else {
        return nil
      }
      self.bias = bias
    }
    (self.node, self.layout, self.weights) = (node, layout, weights)
  }

  /// How many weights an output is a sum over for each of its input channels.
  var taps: Int { weights.count / max(1, layout.outputs * layout.inputsPerOutput) }

  /// Whether all weights and biases are numbers.
  var isFinite: Bool { weights.allSatisfy(\.isFinite) && bias?.allSatisfy(\.isFinite) ?? true }

  /// Multiplies all that comes out of each channel by a positive number.
  mutating func scaleOutputs(by factors: [Double]) {
    isChanged = true
    for index in weights.indices {
      weights[index] = Float(Double(weights[index]) * factors[layout.output(of: index)])
    }
    bias = bias.map { bias in bias.indices.map { Float(Double(bias[$0]) * factors[$0]) } }
  }

  /// Makes up for channels of the operand that were multiplied by positive numbers, again and again if these are fewer.
  mutating func unscaleInputs(by factors: [Double]) {
    isChanged = true
    for index in weights.indices {
      let factor = factors[layout.input(of: index) % factors.count]
      weights[index] = Float(Double(weights[index]) / factor)
    }
  }

  /// Gives the node its weights and bias; those that nothing changed stay.
  func write(to graph: inout Graph) {
    guard isChanged else { return }
    replace(1, weights, in: &graph)
    if let bias { replace(2, bias, in: &graph) }
  }

  private func replace(_ operand: Int, _ numbers: [Float], in graph: inout Graph) {
    let old = graph.nodes[node].inputs[operand]
    let new = graph.addConstant(
      graph.values[old].name, graph.values[old].type, TensorData(numbers))
    graph.setInput(operand, of: node, to: new)
  }
}
