import GraphIR
import Support

extension QuantizedModel {
  /// The network on integers, with TFLite's arithmetic: what LiteRT and NPUs compute, bit for bit.
  ///
  /// What has no kernel for integers is computed with real numbers, between a `dequantize` and a `quantize`.
  ///
  /// - Parameter hasIntegerPorts: whether inputs and outputs are integers too; else they are real numbers as before.
  /// - Throws: a `Diagnostic` if an operator cannot be placed.
  public func integerGraph(hasIntegerPorts: Bool = false) throws -> Graph {
    try checkActivations()
    var writer = IntegerGraphWriter(self, hasIntegerPorts: hasIntegerPorts)
    for input in graph.inputs { writer.addInput(input) }
    for state in graph.states { writer.addState(state) }
    for node in graph.order { try writer.add(node) }
    try writer.finish()
    return writer.result
  }
}

extension QuantizedModel {
  /// Activations of half precision stay in single precision, as TFLite computes with such weights; other floats it has not.
  private func checkActivations() throws {
    for scheme in schemes.values.sorted(by: { $0.text < $1.text }) {
      switch scheme.activations?.format {
      case .integer, .float(.f16), nil: continue
      case .float, .block:
        throw Diagnostic(
          .notOnIntegers(scheme.text),
          help: "write a .onnx or .graph file, or choose a scheme of integers")
      }
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func notOnIntegers(_ scheme: String) -> Self {
    Self(
      id: "not-on-integers", .unsupported,
      "TFLite has no operators for what `\(scheme)` stores between layers")
  }
}
