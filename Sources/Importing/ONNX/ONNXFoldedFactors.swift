import GraphIR
import Operators
import Support
import Tensors

extension ONNXGraphBuilder {
  /// Folds factors and offsets of channels, which batch normalizations become, into the constant weights and bias of the
  /// convolutions before them. Results change in their last bits, as they do in ONNX Runtime.
  mutating func foldFactors() throws {
    graph.eraseUnreadTransposes()
    _ = try Self.foldingFactors.run(&graph)
  }

  private static let foldingFactors = Pass.rewrite(
    "fold-factors", "fold factors and offsets of channels into weights and bias",
    Rule(replacing: Multiply.self) { graph, id, op in
      guard op.clamp.floatBounds == Clamp.unlimited.floatBounds else { return nil }
      return try graph.folding(id) { convolution, factors in
        convolution.weights = try convolution.perChannel(factors, times: convolution.weights)
        convolution.bias = try convolution.bias.map {
          try Multiply().evaluate([$0, factors])[0]
        }
      }
    },
    Rule(replacing: Add.self) { graph, id, op in
      guard op.clamp.floatBounds == Clamp.unlimited.floatBounds else { return nil }
      return try graph.folding(id) { convolution, offsets in
        convolution.bias =
          try convolution.bias.map {
            try Add(clamp: .unlimited).evaluate([$0, offsets])[0]
          } ?? offsets
      }
    })
}

/// A convolution whose weights are known, and may be changed.
private struct FoldableConvolution {
  let op: any ConvolutionOperator
  let image: ValueID
  var weights: Tensor
  var bias: Tensor?

  /// The axis of the weights along which output channels lie.
  var axis: Int { type(of: op).channelAxis }

  /// The weights of each channel times a factor.
  func perChannel(_ factors: Tensor, times weights: Tensor) throws -> Tensor {
    var extents = weights.type.shape.extents.map { _ in 1 }
    extents[axis] = factors.type.elementCount
    let column = Tensor(factors.type.with(shape: Shape(extents)), factors.data)
    return try Multiply().evaluate([weights, column])[0]
  }
}

extension Graph {
  /// Erases what cancelled transposes left behind.
  fileprivate mutating func eraseUnreadTransposes() {
    for id in order.reversed() where op(id, as: Transpose.self) != nil {
      let result = result(of: id)
      guard values[result].uses.isEmpty, !exits.contains(result) else { continue }
      erase([id], absorbedBy: producer(of: input(of: id)))
    }
  }

  /// The result of a node that combines a convolution with a number for each channel, computed by a convolution alone.
  fileprivate mutating func folding(
    _ id: NodeID, _ fold: (inout FoldableConvolution, Tensor) throws -> Void
  ) throws -> ValueID? {
    let operands = nodes[id].inputs
    guard operands.count == 2, let number = operands.first(where: isConstant),
      let image = operands.first(where: { $0 != number }),
      var convolution = foldableConvolution(of: image),
      let numbers = channelNumbers(number, count: convolution.weights.type.shape[convolution.axis]),
      haveSameType(image, result(of: id))
    else { return nil }
    try fold(&convolution, numbers)
    let constants = [convolution.weights, convolution.bias].compactMap { $0 }.map { tensor in
      addConstant("\(values.count)", tensor.type, tensor.data)
    }
    return try insert(convolution.op, [convolution.image] + constants, before: id)[0]
  }

  /// The convolution that computes a value for one reader alone.
  private func foldableConvolution(of value: ValueID) -> FoldableConvolution? {
    guard values[value].uses.count == 1, !exits.contains(value), let id = producer(of: value),
      nodes[id].op is Conv2D || nodes[id].op is DepthwiseConv2D,
      let op = nodes[id].op as? any ConvolutionOperator, op.clamp == .none
    else { return nil }
    let operands = nodes[id].inputs
    let constants = operands.dropFirst().compactMap { operand in
      constantData(operand).map { Tensor(values[operand].type, $0) }
    }
    guard constants.count == operands.count - 1,
      types(of: operands).allSatisfy({ $0.element == .f32 })
    else { return nil }
    return FoldableConvolution(
      op: op, image: operands[0], weights: constants[0], bias: constants.dropFirst().first)
  }

  /// A constant as a list of a number for each channel, which come last.
  private func channelNumbers(_ value: ValueID, count: Int) -> Tensor? {
    let type = values[value].type
    guard let data = constantData(value), type.element == .f32, type.elementCount == count,
      type.shape.extents.last == count
    else { return nil }
    return Tensor(type.with(shape: [count]), data)
  }

  private func haveSameType(_ a: ValueID, _ b: ValueID) -> Bool { values[a].type == values[b].type }
}

extension Clamp {
  fileprivate var floatBounds: [Float] { [lower ?? -.infinity, upper ?? .infinity] }
}
