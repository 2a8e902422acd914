import GraphIR
import Operators
import Tensors

extension Pass {
  /// Expresses operators that TFLite lacks by those that it has.
  ///
  /// Integers stay what they are, bit for bit; real numbers too, but for functions that become several operators, whose
  /// last digits differ.
  static let legalizeForTFLite = rewrite(
    "legalize-for-tflite", "express operators that TFLite lacks by those that it has",
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: MaxPool2D.self) { graph, id, op in try graph.paddingOutside(id, op) },
    Rule(replacing: AveragePool2D.self) { graph, id, op in try graph.paddingInWords(id, op) },
    Rule(replacing: TransposeConv2D.self) { graph, id, op in try graph.croppingOutside(id, op) },
    Rule(replacing: Add.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: AveragePool2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Conv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: DepthwiseConv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Divide.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: FullyConnected.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: MaxPool2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Multiply.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: Subtract.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: TransposeConv2D.self) { graph, id, op in try graph.clampingOutside(id, op) },
    Rule(replacing: ArcTangent2.self) { graph, id, op in try graph.broadcastingBefore(id, op) },
    Rule(replacing: Clip.self) { graph, id, op in
      try graph.clamping(graph.input(of: id), to: op.clamp, before: id)
    },
    Rule(replacing: HardSigmoid.self) { graph, id, op in try graph.hardSigmoid(id, op) },
    Rule(replacing: IsNaN.self) { graph, id, _ in
      try graph.insert(NotEqual(), [graph.input(of: id), graph.input(of: id)], before: id)[0]
    },
    Rule(replacing: Reciprocal.self) { graph, id, _ in
      let one = graph.scalar(1, as: graph.input(of: id))
      return try graph.insert(Divide(), [one, graph.input(of: id)], before: id)[0]
    },
    Rule(replacing: Swish.self) { graph, id, op in try graph.swish(id, op) })
}

// Paddings.
extension Graph {
  /// Padding around the image instead of padding by the operator: of zeros, which are zero points.
  fileprivate mutating func paddingOutside(_ id: NodeID, _ op: some PaddedConvolution) throws
    -> ValueID?
  {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    var legal = op
    legal.padding = try paddingInWords(id, op.padding, op.window) ?? .valid
    var operands = nodes[id].inputs
    if legal.padding == .valid {
      let pad = Pad(before: [0, top, left, 0], after: [0, bottom, right, 0])
      operands[0] = try insert(pad, [operands[0]], before: id)[0]
    }
    return try insert(legal, operands, like: id)
  }

  /// The same for the largest elements, among which the lowest number there is never counts.
  fileprivate mutating func paddingOutside(_ id: NodeID, _ op: MaxPool2D) throws -> ValueID? {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    if let legal = try paddingInWords(id, op) { return legal }
    let image = input(of: id)
    let range = values[image].type.element.integerRange
    let lowest = range.map { Double($0.lowerBound) } ?? -Double(Float.greatestFiniteMagnitude)
    let pad = Pad(before: [0, top, left, 0], after: [0, bottom, right, 0])
    let padded = try insert(pad, [image, scalar(lowest, as: image)], before: id)[0]
    var legal = op
    legal.padding = .valid
    return try insert(legal, [padded], like: id)
  }

  /// A pool whose pads are those that `same` or `valid` give; nil if they are others.
  fileprivate mutating func paddingInWords(_ id: NodeID, _ op: some PoolingOperator & PaddedPool)
    throws -> ValueID?
  {
    guard let padding = try paddingInWords(id, op.padding, op.window) else { return nil }
    var legal = op
    legal.padding = padding
    return try insert(legal, nodes[id].inputs, like: id)
  }

  /// The word for explicit pads that places windows alike; nil if there is none, or pads have a word already.
  private func paddingInWords(
    _ id: NodeID, _ padding: Padding, _ window: ([TensorType]) throws -> Window
  ) throws -> Padding? {
    guard case .explicit = padding else { return nil }
    let operands = types(of: nodes[id].inputs)
    let found = try window(operands)
    return try [Padding.valid, .same].first {
      let placed = try Window(
        over: Array(operands[0].shape.extents[1...2]),
        kernel: [found.kernel.height, found.kernel.width],
        stride: [found.stride.height, found.stride.width],
        dilation: [found.dilation.height, found.dilation.width], padding: $0, kind: nodes[id].kind)
      return placed == found
    }
  }

  /// The result of a transposed convolution with its border, which is then cut off.
  fileprivate mutating func croppingOutside(_ id: NodeID, _ op: TransposeConv2D) throws -> ValueID?
  {
    guard case .explicit(let top, let left, let bottom, let right) = op.padding else { return nil }
    var legal = op
    legal.padding = .valid
    legal.size = [op.size[0] + top + bottom, op.size[1] + left + right]
    let type = values[result(of: id)].type
    let shape = Shape([type.shape[0]] + legal.size + [type.shape[3]])
    let whole = try insert(
      legal, nodes[id].inputs, results: [type.with(shape: shape)], before: id)[0]
    return try insert(
      StridedSlice(begin: [0, top, left, 0], size: type.shape.extents), [whole], like: id)
  }
}

/// A convolution whose padding can be another.
private protocol PaddedConvolution: ConvolutionOperator {
  var padding: Padding { get set }
}

/// A pool whose padding can be another.
private protocol PaddedPool {
  var padding: Padding { get set }
}

extension Conv2D: PaddedConvolution {}
extension DepthwiseConv2D: PaddedConvolution {}
extension AveragePool2D: PaddedPool {}
extension MaxPool2D: PaddedPool {}

// Ranges.
extension Graph {
  /// The operator without its clamp, if no activation of TFLite is the same, and the clamp behind it.
  fileprivate mutating func clampingOutside(_ id: NodeID, _ op: some Operator & Clamping) throws
    -> ValueID?
  {
    let type = values[result(of: id)].type
    guard op.clamp.activationName(for: type) == nil else { return nil }
    var open = op
    open.clamp = .none
    let result = try insert(open, nodes[id].inputs, results: [type], before: id)[0]
    return try clamping(result, to: op.clamp, before: id)
  }

  /// `min(max(x, lower), upper)`, of stored numbers where these stand for real ones.
  fileprivate mutating func clamping(_ x: ValueID, to clamp: Clamp, before id: NodeID) throws
    -> ValueID
  {
    let type = values[x].type
    var bounds: [Double?] = [clamp.lower.map(Double.init), clamp.upper.map(Double.init)]
    if type.element.integerRange != nil, type.quantization != nil {
      let stored = clamp.storedRange(of: type)
      bounds = [Double(stored.lower), Double(stored.upper)]
    }
    var result = x
    if let lower = bounds[0] {
      let bound = scalar(lower.rounded(.up, for: type.element), as: x)
      result = try insert(Maximum(), [result, bound], results: [type], before: id)[0]
    }
    if let upper = bounds[1] {
      let bound = scalar(upper.rounded(.down, for: type.element), as: x)
      result = try insert(Minimum(), [result, bound], results: [type], before: id)[0]
    }
    return result
  }
}

/// An operator that can limit its own results.
private protocol Clamping {
  var clamp: Clamp { get set }
}

extension Add: Clamping {}
extension AveragePool2D: Clamping {}
extension Conv2D: Clamping {}
extension DepthwiseConv2D: Clamping {}
extension Divide: Clamping {}
extension FullyConnected: Clamping {}
extension MaxPool2D: Clamping {}
extension Multiply: Clamping {}
extension Subtract: Clamping {}
extension TransposeConv2D: Clamping {}

extension Double {
  /// The bound of integers that a real bound is; of real numbers the number itself.
  fileprivate func rounded(_ rule: FloatingPointRoundingRule, for element: ElementType) -> Double {
    element.isFloat ? self : rounded(rule)
  }
}

// Functions.
extension Graph {
  /// `min(max(α · x + β, 0), 1)`.
  fileprivate mutating func hardSigmoid(_ id: NodeID, _ op: HardSigmoid) throws -> ValueID? {
    guard isReal(id) else { return nil }
    let x = input(of: id)
    let scaled = try insert(Multiply(), [x, scalar(Double(op.alpha), as: x)], before: id)[0]
    let sum = try insert(Add(), [scaled, scalar(Double(op.beta), as: x)], before: id)[0]
    return try clamping(sum, to: Clamp(lower: 0, upper: 1), before: id)
  }

  /// `x / (1 + exp(−α · x))`.
  fileprivate mutating func swish(_ id: NodeID, _ op: Swish) throws -> ValueID? {
    guard isReal(id) else { return nil }
    let x = input(of: id)
    let scaled =
      op.alpha == 1
      ? x : try insert(Multiply(), [x, scalar(Double(op.alpha), as: x)], before: id)[0]
    let factor = try insert(Logistic(), [scaled], before: id)[0]
    return try insert(Multiply(), [x, factor], like: id)
  }

  /// Operands of the result's shape, for an operator that does not broadcast by itself in TFLite.
  fileprivate mutating func broadcastingBefore(_ id: NodeID, _ op: some Operator) throws -> ValueID?
  {
    let shape = values[result(of: id)].type.shape
    guard nodes[id].inputs.contains(where: { values[$0].type.shape != shape }) else { return nil }
    let operands = try nodes[id].inputs.map { operand in
      values[operand].type.shape == shape
        ? operand
        : try insert(BroadcastTo(shape: shape.extents), [operand], before: id)[0]
    }
    return try insert(op, operands, like: id)
  }

  /// Whether the node computes real numbers, not integers that stand for them.
  private func isReal(_ id: NodeID) -> Bool { values[result(of: id)].type.element.isFloat }

  /// A constant without axes, of another value's type; of quantized ones the number that is stored.
  fileprivate mutating func scalar(_ number: Double, as value: ValueID) -> ValueID {
    let type = values[value].type.with(shape: [])
    return addConstant("constant \(values.count)", type, Tensor(type, numbers: [number]).data)
  }

  /// Inserts an operator with the result of a node, before that.
  fileprivate mutating func insert(_ op: some Operator, _ operands: [ValueID], like id: NodeID)
    throws -> ValueID
  {
    try insert(op, operands, results: types(of: nodes[id].results), before: id)[0]
  }
}
