import GraphIR
import ONNXSchema
import Operators
import Support
import Tensors

extension Graph {
  /// Constants in another type: what conversions make of constants alone. They are written in whatever order of axes
  /// something asks for, so weights are arranged with their constants and not by transposes.
  var weights: Set<ValueID> {
    // How many conversions lie between each and its constant. More than these few cannot be meant.
    var depths: [ValueID: Int] = [:]
    for node in order.map({ nodes[$0] }) {
      guard let operand = node.inputs.first, let result = node.results.first else { continue }
      let isConversion = node.op is Cast || node.op is Quantize || node.op is Dequantize
      if isConversion, let depth = isConstant(operand) ? 0 : depths[operand], depth < 8 {
        depths[result] = depth + 1
      } else if blocks(of: result) != nil {
        depths[result] = 1
      }
    }
    return Set(depths.keys)
  }
}

extension ONNXGraphWriter {
  /// Writes a form of a constant in another type.
  mutating func weight(_ form: ValueForm) throws -> String {
    if let blocks = graph.blocks(of: form.value) { return dequantize(blocks, form.order) }
    guard let id = graph.producer(of: form.value) else {
      preconditionFailure("constants in another type are computed")
    }
    let node = graph.nodes[id]
    let operand = node.inputs[0]
    switch (node.op, type(of: form.value).quantization) {
    case (is Quantize, let quantization?):
      let x = try real(operand, form.order)
      let scales = ONNXScales(quantization, form.order)
      return file.quantize(x, type(of: form.value).element, scales)
    case (let cast as Cast, _):
      return file.cast(try stored(operand, form.order), cast, from: type(of: operand).element)
    default: return file.cast(try stored(operand, form.order), to: .f32)
    }
  }
}

/// A constant whose rows are dequantized each with a scale of its own, and then laid end to end: blocks of elements along
/// the last axis of another shape.
private struct ONNXBlocks {
  let constant: ValueID
  let quantization: Quantization
  let data: TensorData
  /// The elements of a block.
  let size: Int
  let element: ElementType
  let shape: Shape
}

extension Graph {
  /// The blocks that a value consists of; nil if it does not.
  fileprivate func blocks(of value: ValueID) -> ONNXBlocks? {
    guard let rows = operand(of: value, ifIs: Reshape.self),
      let constant = operand(of: rows, ifIs: Dequantize.self),
      let data = constantData(constant), let quantization = values[constant].type.quantization
    else { return nil }
    let (from, to) = (values[constant].type, values[value].type.shape)
    guard from.shape.rank == 2, quantization.axis == 0, from.element.isQuantized, to.rank > 1,
      from.shape != to, from.shape[1] > 1, to[to.rank - 1] % from.shape[1] == 0
    else { return nil }
    return ONNXBlocks(
      constant: constant, quantization: quantization, data: data, size: from.shape[1],
      element: from.element, shape: to)
  }

  private func operand<Op: Operator>(of value: ValueID, ifIs kind: Op.Type) -> ValueID? {
    guard let node = producer(of: value), nodes[node].op is Op else { return nil }
    return input(of: node)
  }
}

extension ONNXGraphWriter {
  private mutating func dequantize(_ blocks: ONNXBlocks, _ order: AxisOrder) -> String {
    let last = blocks.shape.rank - 1
    let counts = blocks.shape.extents[..<last] + [blocks.shape[last] / blocks.size]
    let type = TensorType(blocks.element, blocks.shape)
    let scales = Tensor(
      TensorType(.f32, Shape(Array(counts))), TensorData(blocks.quantization.scales))
    let points = Tensor(
      TensorType(blocks.element, Shape(Array(counts))),
      numbers: blocks.quantization.zeroPoints.map(Double.init))
    let names = [
      file.claim(graph.values[blocks.constant].name), file.claim("\(file.prefix)/scale"),
      file.claim("\(file.prefix)/zero_point"),
    ]
    for (name, tensor) in zip(names, [Tensor(type, blocks.data), scales, points]) {
      file.add(tensor, order, as: name)
    }
    // Blocks came with this version.
    file.require(21)
    return file.add(
      "DequantizeLinear", names,
      [.integer("axis", order.place(of: last)), .integer("block_size", blocks.size)])
  }
}
