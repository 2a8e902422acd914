import GraphIR
import Operators
import Tensors

/// Makes a graph in which each value has a form of real numbers, forms of integers, or several.
struct IntegerGraphWriter {
  let model: QuantizedModel
  let hasIntegerPorts: Bool
  var result: Graph
  /// By the value of the source: that with real numbers, and any that does not take part.
  var plain: [ValueID: ValueID] = [:]
  /// By the value of the source: that with integers of a type.
  var integers: [ValueID: [TensorType: ValueID]] = [:]
  var source: Graph { model.graph }

  init(_ model: QuantizedModel, hasIntegerPorts: Bool) {
    self.model = model
    self.hasIntegerPorts = hasIntegerPorts
    result = Graph(name: model.graph.name)
  }

  mutating func addInput(_ input: ValueID) {
    let value = source.values[input]
    if hasIntegerPorts, let type = storedType(of: input) {
      integers[input] = [type: result.addInput(value.name, type, sourceIndex: value.sourceIndex)]
    } else {
      plain[input] = result.addInput(value.name, value.type, sourceIndex: value.sourceIndex)
    }
  }

  mutating func addState(_ state: State) {
    let value = source.values[state.current]
    plain[state.current] = result.addState(value.name, value.type, initial: state.initial)
  }

  mutating func add(_ node: NodeID) throws {
    if source.role(of: node) != nil, let scheme = model.schemes[node], scheme.isInteger,
      try addOnIntegers(node)
    {
      return
    }
    try addPlain(node)
  }

  /// Lets outputs and states leave the graph in the form that is asked for.
  mutating func finish() throws {
    let outputs = try source.outputs.map { output in
      let value = source.values[output]
      guard !hasIntegerPorts, let type = storedType(of: output), plain[output] == nil else {
        return try plain[output] ?? storedForm(of: output)
      }
      let stored = try integer(output, type)
      result.rename(stored, value.name + "_quantized", sourceIndex: nil)
      let real = try result.insert(Dequantize(), [stored], results: [value.type])[0]
      result.rename(real, value.name, sourceIndex: value.sourceIndex)
      return real
    }
    result.setOutputs(outputs)
    for state in source.states {
      guard let current = plain[state.current] else { continue }
      result.setNext(of: current, to: try real(state.next))
    }
  }

  mutating func storedForm(of value: ValueID) throws -> ValueID {
    guard let type = storedType(of: value) else { return try real(value) }
    return try integer(value, type)
  }

  /// The type in which a value is stored as integers; nil if it is not.
  func storedType(of value: ValueID) -> TensorType? {
    model.forms.schemes[value].flatMap { type(of: value, $0) }
  }

  func type(of value: ValueID, _ scheme: TensorScheme) -> TensorType? {
    guard case .integer = scheme.format, let storage = scheme.format.storage else { return nil }
    let quantization =
      model.forms.schemes[value] == scheme
      ? model.quantization(of: value) : model.quantization(of: value, read: scheme)
    return quantization.map {
      TensorType(storage == .i4 ? .i8 : storage, source.values[value].type.shape, $0)
    }
  }
}
