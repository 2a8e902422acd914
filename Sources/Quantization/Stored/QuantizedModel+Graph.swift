import GraphIR
import Operators
import Support
import Tensors

extension QuantizedModel {
  /// The network with each value that is stored rounded to what is stored: `quantize` and `dequantize` around operators of
  /// real numbers, and weights as they are stored behind a `dequantize`.
  ///
  /// It computes what the quantized network does, opens anywhere as ONNX, and `quantize-operators` makes integers of it.
  ///
  /// - Throws: a `Diagnostic` if a weight cannot be stored.
  public func quantizedGraph() throws -> Graph {
    var writer = StoredFormWriter(graph)
    for node in graph.order { try writeWeights(of: node, &writer) }
    for input in graph.inputs { try write(input, before: graph.order.first, &writer) }
    for (position, node) in graph.order.enumerated() {
      let successor = graph.order.dropFirst(position + 1).first
      try writeConstants(of: node, &writer)
      for result in graph.nodes[node].results { try write(result, before: successor, &writer) }
    }
    return writer.graph
  }

  /// Lets readers of a value read what is stored of it.
  private func write(
    _ value: ValueID, before successor: NodeID?, _ writer: inout StoredFormWriter
  ) throws {
    guard graph.values[value].type.element == .f32 else { return }
    let uses = graph.values[value].uses
    let isOutput = graph.outputs.contains(value)
    let scheme = forms.schemes[value]
    var forms: [TensorScheme: ValueID] = [:]
    var base = value
    if let scheme, !uses.isEmpty || isOutput {
      base = try writer.stored(value, scheme, quantization(of: value), before: successor)
      forms[scheme] = base
      if isOutput { writer.takeOutput(value, base) }
    }
    for use in uses {
      let wanted =
        graph.isActivation(use.operand, of: use.node) ? schemes[use.node]?.activations : nil
      var read = base
      if let wanted, wanted != scheme {
        // Of a value that is not stored its reader's range is what was seen of it, which nobody noted.
        read =
          try forms[wanted]
          ?? writer.stored(base, wanted, quantization(of: value, read: wanted), before: successor)
        forms[wanted] = read
      }
      if read != value { writer.graph.setInput(use.operand, of: use.node, to: read) }
    }
  }

  /// Constants among the activations of a node are stored as activations are.
  private func writeConstants(of node: NodeID, _ writer: inout StoredFormWriter) throws {
    guard let scheme = schemes[node]?.activations else { return }
    for (operand, value) in graph.nodes[node].inputs.enumerated() where graph.isConstant(value) {
      guard graph.isActivation(operand, of: node),
        let numbers = graph.constantNumbers(value)
      else { continue }
      let own = (numbers.min() ?? 0)...(numbers.max() ?? 0)
      let shared =
        graph.role(of: node) == .choosing ? quantization(of: graph.result(of: node)) : nil
      let stored = try writer.constant(
        value, numbers, scheme,
        scheme.format.hasScale ? shared ?? scheme.quantization(for: own) : nil, before: node)
      writer.graph.setInput(operand, of: node, to: stored)
    }
  }

  func writeWeights(of node: NodeID, _ writer: inout StoredFormWriter) throws {
    guard let stored = weights[node] else { return }
    let inputs = graph.nodes[node].inputs
    let isDynamic = schemes[node]?.isDynamic == true
    let weights = try writer.weights(
      named: graph.values[inputs[1]].name, stored, isDynamic: isDynamic, before: node)
    writer.graph.setInput(1, of: node, to: weights)
    guard let bias = bias(of: node) else { return }
    try writer.setBias(
      bias, of: node, stored, input: inputQuantization(of: node),
      isInteger: schemes[node]?.isInteger == true, isChanged: biases[node] != nil)
  }
}
