import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// Layers over sequences.
  static let recurrent: [String: ONNXConverter] = [
    "LSTM": { node, builder in
      let layer = try ONNXSequenceLayer(node, gates: 4, &builder)
      let functions = try layer.functions([.sigmoid, .tanh, .tanh])
      var op = SequenceLSTM()
      (op.direction, op.activations) = (layer.direction, functions.kinds)
      (op.alphas, op.betas) = (functions.alphas, functions.betas)
      op.clip = try layer.clip()
      op.couplesForgetGate = try node.integer("input_forget", default: 0) != 0
      let operands =
        try layer.operands(&builder) + [
          layer.state(6, &builder), layer.vectors(7, count: 3, &builder),
        ]
      return try layer.results(op, operands, &builder)
    },
    "GRU": { node, builder in
      let layer = try ONNXSequenceLayer(node, gates: 3, &builder)
      let functions = try layer.functions([.sigmoid, .tanh])
      var op = SequenceGRU()
      (op.direction, op.activations) = (layer.direction, functions.kinds)
      (op.alphas, op.betas) = (functions.alphas, functions.betas)
      op.clip = try layer.clip()
      op.resetsProducts = try node.integer("linear_before_reset", default: 0) != 0
      return try layer.results(op, layer.operands(&builder), &builder)
    },
    "RNN": { node, builder in
      let layer = try ONNXSequenceLayer(node, gates: 1, &builder)
      let functions = try layer.functions([.tanh])
      var op = SequenceRNN()
      (op.direction, op.activations) = (layer.direction, functions.kinds)
      (op.alphas, op.betas) = (functions.alphas, functions.betas)
      op.clip = try layer.clip()
      return try layer.results(op, layer.operands(&builder), &builder)
    },
  ]
}

/// A recurrent layer of the file, whose optional operands become zeros, and whose batches may come first.
private struct ONNXSequenceLayer {
  let direction: SequenceDirection
  private let node: ONNXNode
  private let gates: Int
  private let isBatchMajor: Bool
  /// `[steps, batches, width]`.
  private let input: ValueID
  private let units: Int
  private let extents: [Int]
  private let element: ElementType

  init(_ node: ONNXNode, gates: Int, _ builder: inout ONNXGraphBuilder) throws {
    self.node = node
    self.gates = gates
    direction = try Self.direction(node)
    isBatchMajor = try node.integer("layout", default: 0) != 0
    let recurrent = try builder.shape(node.operand(2))
    let x = try node.operand(0)
    guard recurrent.rank == 3, builder.shape(x).rank == 3 else {
      throw Diagnostic(.ranks(node.kind, builder.shape(x), recurrent))
    }
    units = recurrent[2]
    element = builder.element(x)
    input = try isBatchMajor ? builder.transpose(x, [1, 0, 2]) : x
    extents = builder.shape(input).extents
  }

  private static func direction(_ node: ONNXNode) throws -> SequenceDirection {
    let name = try node.string("direction", default: "forward")
    guard let direction = SequenceDirection(rawValue: name) else {
      throw Diagnostic(.direction(node.kind, name))
    }
    return direction
  }

  private var directions: Int { direction == .bidirectional ? 2 : 1 }

  /// The largest magnitude of the functions' arguments; 0 for none.
  func clip() throws -> Float { try node.float("clip", default: 0) }

  /// The operands that all kinds of layers have.
  func operands(_ builder: inout ONNXGraphBuilder) throws -> [ValueID] {
    [
      try builder.cast(input, to: .f32), try builder.cast(node.operand(1), to: .f32),
      try builder.cast(node.operand(2), to: .f32), try vectors(3, count: 2 * gates, &builder),
      try lengths(&builder), try state(5, &builder),
    ]
  }

  /// `[directions, count · units]`, 0 where the operand is left out.
  func vectors(_ index: Int, count: Int, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    guard let value = try node.optional(index) else {
      return try zeros([directions, Work.product(count, units)], &builder)
    }
    return try builder.cast(value, to: .f32)
  }

  private func lengths(_ builder: inout ONNXGraphBuilder) throws -> ValueID {
    guard let lengths = try node.optional(4) else {
      let all = BroadcastTo(shape: [extents[1]])
      return try builder.apply(all, builder.scalar(Double(extents[0]), .i32))
    }
    return try builder.cast(lengths, to: .i32)
  }

  private func zeros(_ extents: [Int], _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    try builder.apply(BroadcastTo(shape: extents), builder.scalar(0, .f32))
  }

  /// `[directions, batches, units]`, 0 where the operand is left out.
  func state(_ index: Int, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    guard let value = try node.optional(index) else {
      return try zeros([directions, extents[1], units], &builder)
    }
    guard isBatchMajor else { return try builder.cast(value, to: .f32) }
    guard builder.shape(value).rank == 3 else {
      throw Diagnostic(.ranks(node.kind, builder.shape(value), builder.shape(input)))
    }
    return try builder.cast(builder.transpose(value, [1, 0, 2]), to: .f32)
  }

  /// Inserts the layer, and gives results their order and type in the file.
  func results(
    _ op: any Operator, _ operands: [ValueID], _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let found = try builder.insert(op, operands)
    return try found.enumerated().map { index, value in
      let ordered =
        isBatchMajor ? try builder.transpose(value, index == 0 ? [2, 0, 1, 3] : [1, 0, 2]) : value
      return .tensor(try builder.cast(ordered, to: element))
    }
  }

  /// The functions of all directions, with the parameters that they have.
  ///
  /// - Parameter standard: those of one direction where the node names none.
  func functions(
    _ standard: [GateFunction]
  ) throws -> (kinds: [GateFunction], alphas: [Float], betas: [Float]) {
    let names = try node.strings("activations") ?? []
    let kinds =
      try names.isEmpty
      ? (0..<directions).flatMap { _ in standard }
      : names.map { name in
        guard let kind = Self.functions[name.lowercased()] else {
          throw Diagnostic(.function(node.kind, name))
        }
        return kind
      }
    // The lists in the file hold parameters of those functions alone that have some.
    var (alphas, betas) = (
      try node.floats("activation_alpha") ?? [], try node.floats("activation_beta") ?? []
    )
    let parameters = kinds.map { kind in
      let standard = Self.parameters(of: kind)
      return (
        alpha: standard.alpha.map { alphas.isEmpty ? $0 : alphas.removeFirst() },
        beta: standard.beta.map { betas.isEmpty ? $0 : betas.removeFirst() }
      )
    }
    return (
      kinds, parameters.contains { $0.alpha != nil } ? parameters.map { $0.alpha ?? 0 } : [],
      parameters.contains { $0.beta != nil } ? parameters.map { $0.beta ?? 0 } : []
    )
  }

  private static let functions: [String: GateFunction] = [
    "relu": .relu, "tanh": .tanh, "sigmoid": .sigmoid, "affine": .affine,
    "leakyrelu": .leakyRelu, "thresholdedrelu": .thresholdedRelu, "scaledtanh": .scaledTanh,
    "hardsigmoid": .hardSigmoid, "elu": .elu, "softsign": .softsign, "softplus": .softplus,
  ]

  /// What parameters are where the node has none; nil for one that the function does not have.
  private static func parameters(of kind: GateFunction) -> (alpha: Float?, beta: Float?) {
    switch kind {
    case .relu, .tanh, .sigmoid, .softsign, .softplus: (nil, nil)
    case .affine: (1, 0)
    case .scaledTanh: (1, 1)
    case .leakyRelu: (0.01, nil)
    case .thresholdedRelu, .elu: (1, nil)
    case .hardSigmoid: (0.2, 0.5)
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func ranks(_ kind: String, _ x: Shape, _ weights: Shape) -> Self {
    Self(
      id: "onnx-layer", .malformed,
      "`\(kind)` has operands of shapes \(x) and \(weights), which should have rank 3")
  }

  fileprivate static func direction(_ kind: String, _ name: String) -> Self {
    Self(id: "onnx-layer", .malformed, "`\(kind)` has the unknown direction `\(name)`")
  }

  fileprivate static func function(_ kind: String, _ name: String) -> Self {
    Self(id: "onnx-layer", .unsupported, "`\(kind)` has the unknown activation `\(name)`")
  }
}
