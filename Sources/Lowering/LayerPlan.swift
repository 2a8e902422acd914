import GraphIR
import Hardware
import Operators
import Support
import Tensors

/// What is decided about a node before commands are made for it.
struct LayerPlan {
  let node: NodeID
  let engine: Engine
  let hostReason: String?
  /// How the node is computed in blocks; nil on the host, and for a softmax.
  var blocks: Blocks?
  /// Where in the constants' memory the layer's weights and parameters begin; nil if it has none.
  var constantsAddress: Int?

  struct Blocks {
    let problem: TilingProblem
    var tiling: Tiling
    /// Nil for layers without weights.
    let weights: WeightLayout?
  }

  init(_ node: NodeID, of graph: Graph, on target: TargetDescription) throws {
    self.node = node
    let placement = try Self.placement(node, graph, target)
    switch placement {
    case .array(let blocks):
      (engine, hostReason, self.blocks) = (.array, nil, blocks)
    case .output(let blocks):
      (engine, hostReason, self.blocks) = (.output, nil, blocks)
    case .host(let reason):
      (engine, hostReason, blocks) = (.host, reason, nil)
    }
  }

  private enum Choice {
    case array(Blocks)
    case output(Blocks?)
    case host(String)
  }

  /// The target's placement, unless the node cannot be cut into blocks that fit.
  private static func placement(_ node: NodeID, _ graph: Graph, _ target: TargetDescription) throws
    -> Choice
  {
    let placement = target.placement(of: node, in: graph)
    if case .host(let reason) = placement { return .host(reason) }
    if graph.op(node, as: Softmax.self) != nil { return .output(nil) }
    guard let problem = try TilingProblem(node, of: graph) else {
      return .host("its operands have different shapes")
    }
    guard (placement == .array) == problem.needsArray else {
      return .host("the engine that is said to support it cannot compute it")
    }
    let operands = graph.nodes[node].inputs
    if placement == .array, !operands.dropFirst().allSatisfy(graph.isConstant) {
      return .host("its weights are not constant")
    }
    let flash = target.memories[target.memory(holding: .constants) ?? 0]
    let search = BlockSearch(target: target, problem: problem)
    guard let tiling = search.best(weightBytesPerCycle: weightRate(target, flash)) else {
      return .host("no block of it fits \(target.buffer.name)")
    }
    guard placement == .array else {
      return .output(Blocks(problem: problem, tiling: tiling, weights: nil))
    }
    let rounding = try graph.requantization(of: node).factors.rounding
    let weights = WeightLayout(
      problem, tiling, parameterBytes: ChannelParameters.byteCount(rounding))
    return .array(Blocks(problem: problem, tiling: tiling, weights: weights))
  }

  /// Weights come from the fast memory where they can be staged there.
  private static func weightRate(
    _ target: TargetDescription, _ flash: TargetDescription.Memory
  ) -> Double {
    target.memory(holding: .stagedConstants).map { target.memories[$0].bytesPerCycle }
      ?? flash.bytesPerCycle
  }

  /// Whether a copy of the layer's constants in a fast memory may pay: the array reads them for every block, or is
  /// busy long enough with them that those of the next layer can be on their way. With one pixel, neither is so.
  var gainsFromStaging: Bool {
    guard let blocks, blocks.weights != nil else { return false }
    let problem = blocks.problem
    return problem.batches * problem.result.height * problem.result.width > 1
  }
}

extension Tiling {
  func staging(_ stages: Bool) -> Tiling {
    Tiling(
      block: block, mode: mode, inputDepth: inputDepth, blockCount: blockCount,
      stagesConstants: stages)
  }
}

extension Graph {
  /// The bytes of a constant as signed numbers; nil if it is elided.
  func signedConstant(_ value: ValueID) -> TensorData? {
    guard let data = constantData(value), values[value].type.element == .u8 else {
      return constantData(value)
    }
    return TensorData(byteCount: data.byteCount) { SignFlip.flip(data.bytes, into: $0) }
  }

  /// How the accumulators of a layer with weights become elements of its result.
  func requantization(of node: NodeID) throws -> Requantization {
    let operands = types(of: nodes[node].inputs)
    let result = values[result(of: node)].type
    switch nodes[node].op {
    case let op as any ConvolutionOperator: return try op.requantization(operands, result)
    case let op as FullyConnected: return try op.requantization(operands, result)
    default: preconditionFailure("only layers with weights are requantized")
    }
  }
}
