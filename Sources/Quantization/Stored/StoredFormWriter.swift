import GraphIR
import Operators
import Tensors

/// Puts into a graph the nodes that stand for storing values in another form.
struct StoredFormWriter {
  var graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// What is read of a value that is stored: the number of the format nearest to each of its own.
  ///
  /// - Parameter quantization: nil for formats without a scale.
  mutating func stored(
    _ value: ValueID, _ scheme: TensorScheme, _ quantization: Quantization?,
    before successor: NodeID?
  ) throws -> ValueID {
    let name = graph.values[value].name
    let type = graph.values[value].type
    switch scheme.format {
    case .integer(let bits):
      guard let quantization, let storage = scheme.format.storage else { return value }
      let limited = try limited(value, scheme, quantization, bits: bits, before: successor)
      let quantized = try graph.insert(
        Quantize(element: storage, roundsHalfToEven: true), [limited],
        results: [TensorType(storage, type.shape, quantization)], before: successor)[0]
      graph.rename(quantized, name + "_quantized", sourceIndex: nil)
      return try named(
        graph.insert(Dequantize(), [quantized], results: [type], before: successor)[0],
        name + "_dequantized")
    case .float(let element):
      let scaled = try scaled(value, by: quantization.map { 1 / $0.scale }, before: successor)
      let narrow = try graph.insert(Cast(element: element), [scaled], before: successor)[0]
      let wide = try graph.insert(Cast(element: .f32), [narrow], before: successor)[0]
      return try named(
        self.scaled(wide, by: quantization?.scale, before: successor), name + "_dequantized")
    case .block(let format):
      return try named(
        graph.insert(RoundInBlocks(format: format), [value], before: successor)[0],
        name + "_dequantized")
    }
  }

  /// Fewer integers than the storage has are had by limits before.
  private mutating func limited(
    _ value: ValueID, _ scheme: TensorScheme, _ quantization: Quantization, bits: Int,
    before successor: NodeID?
  ) throws -> ValueID {
    guard let levels = scheme.format.levels(isSymmetric: scheme.isSymmetric),
      let storage = scheme.format.storage?.integerRange, bits != storage.count.trailingZeroBitCount
    else { return value }
    func real(_ level: Int) -> Float { Float(level - quantization.zeroPoint) * quantization.scale }
    let clamp = Clamp(lower: real(levels.lowerBound), upper: real(levels.upperBound))
    return try graph.insert(Clip(clamp: clamp), [value], before: successor)[0]
  }

  private mutating func scaled(
    _ value: ValueID, by factor: Float?, before successor: NodeID?
  ) throws -> ValueID {
    guard let factor else { return value }
    let constant = graph.addConstant(
      graph.values[value].name + "_scale", TensorType(.f32, []), TensorData([factor]))
    return try graph.insert(Multiply(), [value, constant], before: successor)[0]
  }

  private mutating func named(_ value: ValueID, _ name: String) -> ValueID {
    graph.rename(value, name, sourceIndex: nil)
    return value
  }

  /// A constant that is stored.
  mutating func constant(
    _ value: ValueID, _ numbers: [Float], _ scheme: TensorScheme, _ quantization: Quantization?,
    before successor: NodeID
  ) throws -> ValueID {
    guard case .integer = scheme.format, let quantization, let storage = scheme.format.storage,
      let levels = scheme.format.levels(isSymmetric: scheme.isSymmetric)
    else { return try stored(value, scheme, quantization, before: successor) }
    let name = graph.values[value].name
    let tensor = Tensor(
      TensorType(storage, graph.values[value].type.shape, quantization),
      numbers: quantization.stored(numbers, within: levels))
    let constant = graph.addConstant(name + "_quantized", tensor.type, tensor.data)
    return try graph.insert(Dequantize(), [constant], before: successor)[0]
  }

  /// Weights as they are stored, behind what makes real numbers of them; for a dynamic layer without it.
  mutating func weights(
    named name: String, _ stored: StoredWeights, isDynamic: Bool, before node: NodeID?
  ) throws -> ValueID {
    let name = name + "_quantized"
    guard let storage = stored.scheme.format.storage else {
      return graph.addConstant(name, TensorType(.f32, stored.shape), TensorData(stored.steps))
    }
    guard case .integer = stored.scheme.format else {
      return try floatWeights(name, stored, storage, before: node)
    }
    // Groups are rows of another matrix.
    let shape = stored.isWhole ? stored.shape : Shape([stored.map.count, stored.map.stride])
    let tensor = stored.tensor(of: storage, shape)
    let constant = graph.addConstant(name, tensor.type, tensor.data)
    if isDynamic { return constant }
    let real = try graph.insert(Dequantize(), [constant], before: node)[0]
    return stored.isWhole
      ? real : try graph.insert(Reshape(shape: stored.shape.extents), [real], before: node)[0]
  }

  private mutating func floatWeights(
    _ name: String, _ stored: StoredWeights, _ storage: ElementType, before node: NodeID?
  ) throws -> ValueID {
    let tensor = Tensor(TensorType(storage, stored.shape), numbers: stored.steps.map(Double.init))
    let constant = graph.addConstant(name, tensor.type, tensor.data)
    let real =
      // TFLite dequantizes no other floats.
      storage == .f16
      ? try graph.insert(Dequantize(), [constant], before: node)[0]
      : try graph.insert(Cast(element: .f32), [constant], before: node)[0]
    guard stored.scheme.format.hasScale else { return real }
    var extents = stored.shape.extents.map { _ in 1 }
    if let axis = stored.map.axis { extents[axis] = stored.map.count }
    let scales = graph.addConstant(
      name + "_scale", TensorType(.f32, Shape(extents)), TensorData(stored.scales))
    return try graph.insert(Multiply(), [real, scales], before: node)[0]
  }

  /// A bias in steps of the sums that it is added to, where sums are integers.
  mutating func setBias(
    _ bias: [Float], of node: NodeID, _ stored: StoredWeights, input: Quantization?,
    isInteger: Bool, isChanged: Bool
  ) throws {
    let old = graph.nodes[node].inputs[2]
    let name = graph.values[old].name
    guard isInteger, let input, stored.isWhole else {
      guard isChanged else { return }
      let constant = graph.addConstant(
        name + "_corrected", TensorType(.f32, [bias.count]), TensorData(bias))
      return graph.setInput(2, of: node, to: constant)
    }
    let tensor = stored.biasTensor(bias, input: input, of: .i32)
    let constant = graph.addConstant(name + "_quantized", tensor.type, tensor.data)
    let real = try graph.insert(Dequantize(), [constant], before: node)[0]
    graph.setInput(2, of: node, to: real)
  }

  /// Gives the name of an output to what is stored of it.
  mutating func takeOutput(_ value: ValueID, _ stored: ValueID) {
    let (name, index) = (graph.values[value].name, graph.values[value].sourceIndex)
    graph.rename(value, name + "_unquantized", sourceIndex: nil)
    graph.rename(stored, name, sourceIndex: index)
    graph.setOutputs(graph.outputs.map { $0 == value ? stored : $0 })
  }
}
