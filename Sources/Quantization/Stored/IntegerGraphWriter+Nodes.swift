import GraphIR
import Operators
import Passes
import Support
import Tensors

extension IntegerGraphWriter {
  /// A node as it is, on real numbers; its weights may be stored.
  mutating func addPlain(_ node: NodeID) throws {
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
  mutating func addOnIntegers(_ node: NodeID) throws -> Bool {
    let old = source.nodes[node]
    guard let scheme = model.schemes[node]?.activations,
      case let types = old.results.compactMap({ storedType(of: $0) }),
      types.count == old.results.count
    else { return false }
    // Operands are made before it is known whether there is a kernel: their types, and constants, decide.
    let before = self
    do {
      let made =
        if let wide = wideType(of: node, scheme), wide != types[0] {
          [try narrow(results(of: node, scheme, [wide])[0], types[0])]
        } else {
          try results(of: node, scheme, types)
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

  private mutating func results(
    of node: NodeID, _ scheme: TensorScheme, _ types: [TensorType]
  ) throws -> [ValueID] {
    let old = source.nodes[node]
    let operands = try integerOperands(of: node, scheme, result: types[0])
    let image = source.values[old.inputs[0]].type
    if let mean = IntegerMean(old.op, of: image) {
      return [try add(mean, operands[0], result: types[0], of: node)]
    }
    return try insert(
      old.op.onIntegers(of: types[0], image: image.shape), operands, types, of: node)
  }

  /// Of a node that mixes elements of an image without rescaling them: its result in steps of the image, as elements may
  /// lie beyond all that comes of them. Both have the same steps unless they are stored under two schemes.
  private func wideType(of node: NodeID, _ scheme: TensorScheme) -> TensorType? {
    let (op, image) = (source.nodes[node].op, source.nodes[node].inputs[0])
    guard op is AveragePool2D || op is ResizeBilinear, source.role(of: node) == .choosing else {
      return nil
    }
    return readType(of: image, scheme)?.with(
      shape: source.values[source.nodes[node].results[0]].type.shape)
  }

  private mutating func narrow(_ value: ValueID, _ type: TensorType) throws -> ValueID {
    try result.insert(Quantize(element: type.element), [value], results: [type])[0]
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
}
