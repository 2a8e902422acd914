import GraphIR
import Support
import Tensors

extension IntegerGraphWriter {
  /// What a node reads on integers.
  mutating func integerOperands(
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
      return try integer(value, readType(of: value, scheme) ?? type.with(shape: shape))
    }
    let range = (numbers.min() ?? 0)...(numbers.max() ?? 0)
    return try integer(
      value, TensorType(type.element, shape, scheme.quantization(for: range)))
  }

  /// What a value is read as under a scheme, in steps of its own range; nil where no range is known.
  func readType(of value: ValueID, _ scheme: TensorScheme) -> TensorType? {
    let wanted = model.forms.schemes[value] == scheme ? storedType(of: value) : nil
    return wanted ?? type(of: value, scheme)
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
  fileprivate static func computedBias(_ value: String) -> Self {
    Self(id: "computed-bias", .unsupported, "the bias `\(value)` is not constant")
  }
}
