import GraphIR
import Operators
import Support
import Tensors

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

/// Makes a graph in which each value has a form of real numbers, forms of integers, or several.
private struct IntegerGraphWriter {
  let model: QuantizedModel
  let hasIntegerPorts: Bool
  private(set) var result: Graph
  /// By the value of the source: that with real numbers, and any that does not take part.
  private var plain: [ValueID: ValueID] = [:]
  /// By the value of the source: that with integers of a type.
  private var integers: [ValueID: [TensorType: ValueID]] = [:]
  private var source: Graph { model.graph }

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

  private mutating func storedForm(of value: ValueID) throws -> ValueID {
    guard let type = storedType(of: value) else { return try real(value) }
    return try integer(value, type)
  }

  /// The type in which a value is stored as integers; nil if it is not.
  private func storedType(of value: ValueID) -> TensorType? {
    model.forms.schemes[value].flatMap { type(of: value, $0) }
  }

  private func type(of value: ValueID, _ scheme: TensorScheme) -> TensorType? {
    guard case .integer = scheme.format, let storage = scheme.format.storage else { return nil }
    let quantization =
      model.forms.schemes[value] == scheme
      ? model.quantization(of: value) : model.quantization(of: value, read: scheme)
    return quantization.map {
      TensorType(storage == .i4 ? .i8 : storage, source.values[value].type.shape, $0)
    }
  }
}

// MARK: - Forms of values

extension IntegerGraphWriter {
  /// A value with real numbers.
  private mutating func real(_ value: ValueID) throws -> ValueID {
    if let made = plain[value] { return made }
    let old = source.values[value]
    let made: ValueID
    if case .constant(let data) = old.definition {
      made = result.addConstant(old.name, old.type, data, sourceIndex: old.sourceIndex)
    } else {
      guard let stored = integers[value]?.first?.value else {
        preconditionFailure("a value is made before it is read")
      }
      made = try result.insert(Dequantize(), [stored], results: [old.type])[0]
      result.rename(made, old.name + "_dequantized", sourceIndex: nil)
    }
    plain[value] = made
    return made
  }

  /// A value as integers of a type.
  private mutating func integer(_ value: ValueID, _ type: TensorType) throws -> ValueID {
    if let made = integers[value]?[type] { return made }
    let made: ValueID
    if let numbers = source.constantNumbers(value) {
      made = constant(value, numbers, type)
    } else {
      let base = try plain[value] ?? integers[value]?.values.min() ?? real(value)
      made = try result.insert(Quantize(element: type.element), [base], results: [type])[0]
      result.rename(made, source.values[value].name + "_quantized", sourceIndex: nil)
    }
    integers[value, default: [:]][type] = made
    return made
  }

  private mutating func constant(
    _ value: ValueID, _ numbers: [Float], _ type: TensorType
  ) -> ValueID {
    guard let quantization = type.quantization, let range = type.element.integerRange else {
      preconditionFailure("stored constants are quantized integers")
    }
    let tensor = Tensor(type, numbers: quantization.stored(numbers, within: range))
    return result.addConstant(
      source.values[value].name, type, tensor.data, sourceIndex: source.values[value].sourceIndex)
  }
}

// MARK: - Nodes

extension IntegerGraphWriter {
  /// A node as it is, on real numbers; its weights may be stored.
  private mutating func addPlain(_ node: NodeID) throws {
    let old = source.nodes[node]
    var operands: [ValueID] = []
    for (position, value) in old.inputs.enumerated() {
      if position == 1, let stored = model.weights[node] {
        operands.append(try weights(of: node, stored))
      } else if position == 2, let bias = model.biases[node] {
        operands.append(bias32(of: node, bias))
      } else {
        operands.append(try real(value))
      }
    }
    let made = try result.insert(
      old.op, operands, results: source.types(of: old.results), from: old.sources)
    for (value, new) in zip(old.results, made) {
      plain[value] = new
      take(value, new)
    }
  }

  private mutating func take(_ value: ValueID, _ new: ValueID) {
    result.rename(
      new, source.values[value].name, sourceIndex: source.values[value].sourceIndex)
  }

  private mutating func bias32(of node: NodeID, _ bias: [Float]) -> ValueID {
    let old = source.values[source.nodes[node].inputs[2]]
    return result.addConstant(old.name, old.type, TensorData(bias))
  }

  private mutating func weights(of node: NodeID, _ stored: StoredWeights) throws -> ValueID {
    var writer = StoredFormWriter(result)
    let old = source.nodes[node].inputs[1]
    let isDynamic = model.schemes[node]?.isDynamic == true
    let made = try writer.weights(
      named: source.values[old].name, stored, isDynamic: isDynamic, before: nil)
    result = writer.graph
    return made
  }

  /// A node on integers; false if there is no kernel for it, and nothing was added.
  private mutating func addOnIntegers(_ node: NodeID) throws -> Bool {
    let old = source.nodes[node]
    guard let scheme = model.schemes[node]?.activations,
      case let types = old.results.compactMap({ storedType(of: $0) }),
      types.count == old.results.count
    else { return false }
    let before = self
    do {
      let operands = try integerOperands(of: node, scheme, result: types[0])
      let image = source.values[old.inputs[0]].type
      let made =
        if let mean = IntegerMean(old.op, of: image) {
          [try add(mean, operands[0], result: types[0], of: node)]
        } else {
          try insert(
            old.op.onIntegers(of: types[0], image: image.shape), operands, types, of: node)
        }
      for (position, value) in old.results.enumerated() {
        integers[value, default: [:]][types[position]] = made[position]
        take(value, made[position])
      }
      return true
    } catch is Diagnostic {
      self = before
      return false
    }
  }

  /// The results of a node for which there is a kernel.
  private mutating func insert(
    _ op: any Operator, _ operands: [ValueID], _ results: [TensorType], of node: NodeID
  ) throws -> [ValueID] {
    let made = try result.insert(
      op, operands, results: results, from: source.nodes[node].sources)
    _ = try op.kernel(for: result.site(of: result.order[result.order.count - 1]))
    return made
  }

  private mutating func add(
    _ mean: IntegerMean, _ image: ValueID, result type: TensorType, of node: NodeID
  ) throws -> ValueID {
    let name = source.values[source.nodes[node].results[0]].name
    let bias = mean.bias(for: result.values[image].type)
    let constants = [(mean.weights, "_weights"), (bias, "_bias")].map { tensor, ending in
      result.addConstant(name + ending, tensor.type, tensor.data)
    }
    let shape = result.values[image].type.shape
    let pixels = type.with(shape: [shape[0], 1, 1, shape[3]])
    let op = mean.op.onIntegers(of: pixels, image: shape)
    let made = try insert(op, [image] + constants, [pixels], of: node)[0]
    guard pixels != type else { return made }
    return try result.insert(Reshape(shape: type.shape.extents), [made], results: [type])[0]
  }

  private mutating func integerOperands(
    of node: NodeID, _ scheme: TensorScheme, result type: TensorType
  ) throws -> [ValueID] {
    let old = source.nodes[node]
    return try old.inputs.enumerated().map { position, value in
      if source.isActivation(position, of: node) {
        return try operand(value, of: node, scheme, result: type)
      }
      guard let stored = model.weights[node], position > 0 else { return try real(value) }
      if position == 1 { return integerWeights(of: node, stored) }
      return try integerBias(of: node, stored, wide: type.element == .i16)
    }
  }

  private mutating func operand(
    _ value: ValueID, of node: NodeID, _ scheme: TensorScheme, result type: TensorType
  ) throws -> ValueID {
    let shape = source.values[value].type.shape
    if source.role(of: node) == .choosing { return try integer(value, type.with(shape: shape)) }
    guard let numbers = source.constantNumbers(value) else {
      let wanted = model.forms.schemes[value] == scheme ? storedType(of: value) : nil
      return try integer(value, wanted ?? self.type(of: value, scheme) ?? type.with(shape: shape))
    }
    let range = (numbers.min() ?? 0)...(numbers.max() ?? 0)
    return try integer(
      value, TensorType(type.element, shape, scheme.quantization(for: range)))
  }

  private mutating func integerWeights(of node: NodeID, _ stored: StoredWeights) -> ValueID {
    let value = source.nodes[node].inputs[1]
    let tensor = stored.tensor(of: .i8, stored.shape)
    return result.addConstant(
      source.values[value].name, tensor.type, tensor.data,
      sourceIndex: source.values[value].sourceIndex)
  }

  /// A bias in steps of the sums that it is added to: of 64 bits where images have 16.
  private mutating func integerBias(
    of node: NodeID, _ stored: StoredWeights, wide: Bool
  ) throws -> ValueID {
    let value = source.nodes[node].inputs[2]
    guard let bias = model.bias(of: node),
      let input = model.inputQuantization(of: node)
    else { throw Diagnostic(.computedBias(source.values[value].name)) }
    let tensor = stored.biasTensor(bias, input: input, of: wide ? .i64 : .i32)
    return result.addConstant(
      source.values[value].name, tensor.type, tensor.data,
      sourceIndex: source.values[value].sourceIndex)
  }
}

extension Diagnostic.Message {
  fileprivate static func notOnIntegers(_ scheme: String) -> Self {
    Self(
      id: "not-on-integers", .unsupported,
      "TFLite has no operators for what `\(scheme)` stores between layers")
  }

  fileprivate static func computedBias(_ value: String) -> Self {
    Self(id: "computed-bias", .unsupported, "the bias `\(value)` is not constant")
  }
}
