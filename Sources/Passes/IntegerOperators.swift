import GraphIR
import Operators
import Tensors

/// How `quantize-operators` computes on integers.
extension Graph {
  /// What a node gives for integers as operands; nil if it has none, or no form for them.
  mutating func integerResult(
    of id: NodeID, _ type: TensorType, _ clamp: Clamp, before successor: NodeID
  ) throws -> ValueID? {
    let site = IntegerSite(node: nodes[id], type: type, clamp: clamp, successor: successor)
    switch nodes[id].op {
    case is Conv2D, is DepthwiseConv2D, is FullyConnected: return try layer(site)
    case let op as AveragePool2D: return try pool(op, site)
    case let op as Mean: return try mean(op, site) ?? (clamp == .none ? combination(site) : nil)
    case is Add, is Subtract, is Multiply: return try combination(site)
    case is BatchMatMul, is Concatenation, is Softmax, is Logistic, is Tanh, is LeakyReLU,
      is HardSwish, is HardSigmoid, is ELU, is GELU, is Exp:
      return clamp == .none ? try combination(site) : nil
    default: return nil
    }
  }

  /// The operator on operands of one element type and a scale each.
  private mutating func combination(_ site: IntegerSite) throws -> ValueID? {
    var operands: [ValueID] = []
    for value in site.node.inputs {
      let element = operands.first.map { values[$0].type.element }
      guard let bytes = try bytes(of: value, as: element, before: site.successor) else {
        return nil
      }
      operands.append(bytes)
    }
    return try insert(operands, site)
  }

  /// A convolution or fully connected layer.
  private mutating func layer(_ site: IntegerSite) throws -> ValueID? {
    let inputs = site.node.inputs
    guard let x = try bytes(of: inputs[0], before: site.successor),
      let weights = try integers(of: inputs[1], before: site.successor),
      values[weights].type.hasByteSteps, let input = values[x].type.quantization,
      let kernel = values[weights].type.quantization
    else { return nil }
    var operands = [x, weights]
    if inputs.count > 2 {
      let scales = kernel.scales.map { input.scale * $0 }
      guard let bias = try bias(inputs[2], scales, before: site.successor) else { return nil }
      operands.append(bias)
    }
    return try insert(operands, site)
  }

  /// A bias in steps of the sums that it is added to; nil if it is not constant.
  private mutating func bias(
    _ value: ValueID, _ scales: [Float], before successor: NodeID
  ) throws -> ValueID? {
    if let integers = try integers(of: value, before: successor),
      values[integers].type.element == .i32,
      values[integers].type.quantization?.isNear(scales) == true
    {
      return integers
    }
    guard let numbers = try constantNumbers(value) else { return nil }
    let steps = zip(0..., numbers).map { index, number in
      (number / Double(scales[index % scales.count])).rounded(.toNearestOrEven)
    }
    guard steps.allSatisfy({ abs($0) < 0x1p31 }) else { return nil }
    let quantization = Quantization(
      axis: scales.count > 1 ? 0 : nil, scales: scales, zeroPoints: scales.map { _ in 0 })
    let tensor = Tensor(TensorType(.i32, [numbers.count], quantization), numbers: steps)
    return addConstant(
      values[value].name, tensor.type, tensor.data, sourceIndex: values[value].sourceIndex)
  }

  /// The elements of a constant, or of one that is dequantized and has got another shape.
  private func constantNumbers(_ value: ValueID) throws -> [Double]? {
    var source = value
    while let node = producer(of: source), op(node, as: Reshape.self) != nil {
      source = input(of: node)
    }
    if let node = producer(of: source), let op = op(node, as: Dequantize.self) {
      let stored = input(of: node)
      guard let data = constantData(stored) else { return nil }
      return try op.evaluate([Tensor(values[stored].type, data)])[0].storedNumbers
    }
    return constantData(source).map { Tensor(values[source].type, $0).storedNumbers }
  }

  /// The node's operator on integers.
  mutating func insert(_ operands: [ValueID], _ site: IntegerSite) throws -> ValueID? {
    let type = site.type.stored(as: values[operands[0]].type.element)
    return try insert(site.op(on: type), operands, site)
  }

  /// Another operator in place of the node. Its result may have to be stored as the other type of 8 bits.
  mutating func insert(
    _ op: any Operator, _ operands: [ValueID], _ site: IntegerSite
  ) throws -> ValueID? {
    let type = site.type.stored(as: values[operands[0]].type.element)
    let result = try insert(op, operands, results: [type], before: site.successor)[0]
    return try requantized(result, to: site.type, before: site.successor)
  }
}

/// A node that is to be computed on integers.
struct IntegerSite {
  let node: Node
  /// Of the result.
  let type: TensorType
  /// What follows the node and limits its result.
  let clamp: Clamp
  /// Where new nodes are placed.
  let successor: NodeID

  /// The node's operator, with the limits behind it, as it is for a result of integers.
  func op(on type: TensorType) -> any Operator {
    let op = (node.op as? any ClampedOperator).map { $0.limited(to: limits($0.clamp, type)) }
    return ((op ?? node.op) as? any RescalingOperator)?.rescaled(by: .onnx) ?? op ?? node.op
  }

  /// What is felt of an operator's own limits and those behind it.
  func limits(_ own: Clamp, _ type: TensorType) -> Clamp {
    own.intersection(clamp).effective(on: type)
  }
}

extension ClampedOperator {
  /// The operator with another activation.
  func limited(to clamp: Clamp) -> any Operator {
    var copy = self
    copy.clamp = clamp
    return copy
  }
}

/// An operator whose integer results can be rescaled in several ways.
private protocol RescalingOperator: Operator {
  var rescaling: Rescaling { get set }
}

extension RescalingOperator {
  fileprivate func rescaled(by rescaling: Rescaling) -> any Operator {
    var copy = self
    copy.rescaling = rescaling
    return copy
  }
}

extension Conv2D: RescalingOperator {}
extension DepthwiseConv2D: RescalingOperator {}
extension FullyConnected: RescalingOperator {}
extension Add: RescalingOperator {}
extension Multiply: RescalingOperator {}
extension HardSwish: RescalingOperator {}

extension Quantization {
  /// Whether sums in steps of these scales can be added to those in steps of others: the difference is beyond 7 digits.
  fileprivate func isNear(_ others: [Float]) -> Bool {
    zeroPoints.allSatisfy { $0 == 0 }
      && (0..<max(scales.count, others.count)).allSatisfy { index in
        let (a, b) = (scales[index % scales.count], others[index % others.count])
        return abs(a - b) <= 1e-6 * max(a, b)
      }
  }
}
