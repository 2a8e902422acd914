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
  /// The layer's weights and parameters in the constants' memory; nil if it has none.
  var constants: StoredConstants?

  struct Blocks {
    let problem: TilingProblem
    var tiling: Tiling
    /// The bytes of rescaling parameters for a channel; nil for layers without weights.
    let parameterBytes: Int?
    /// What the layer is estimated to take by itself, with all that it reads in the fast memory.
    var cycles = 0.0

    /// How weights are cut; nil for layers without them.
    var weights: WeightLayout? { weights(tiling) }

    /// The same if the layer were cut into other blocks.
    func weights(_ tiling: Tiling) -> WeightLayout? {
      parameterBytes.map { WeightLayout(problem, tiling, parameterBytes: $0) }
    }
  }

  init(
    _ node: NodeID, of graph: Graph, on target: TargetDescription, _ known: KnownBlocks
  ) throws {
    self.node = node
    let placement = try Self.placement(node, graph, target, known)
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
  private static func placement(
    _ node: NodeID, _ graph: Graph, _ target: TargetDescription, _ known: KnownBlocks
  ) throws -> Choice {
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
    let activations = target.memory(holding: .activations) ?? 0
    let rates = BlockSearch.Places(
      input: activations, result: activations,
      weightBytesPerCycle: weightRate(target, flash))
    guard let best = known.best(known.number(of: problem), rates) else {
      return .host("no block of it fits \(target.buffer.name)")
    }
    guard placement == .array else {
      return .output(
        Blocks(problem: problem, tiling: best.tiling, parameterBytes: nil, cycles: best.cycles))
    }
    let rounding = try graph.requantization(of: node).factors.rounding
    return .array(
      Blocks(
        problem: problem, tiling: best.tiling,
        parameterBytes: ChannelParameters.byteCount(rounding), cycles: best.cycles))
  }

  /// Weights come from the fast memory where they can be staged there.
  static func weightRate(
    _ target: TargetDescription, _ flash: TargetDescription.Memory
  ) -> Double {
    target.memory(holding: .stagedConstants).map { target.memories[$0].bytesPerCycle }
      ?? flash.bytesPerCycle
  }

  /// The bytes of the layer's weights and parameters, before they are laid out.
  var estimatedConstantBytes: Int { constants?.byteCount ?? blocks?.weights?.byteCount ?? 0 }

  /// The room that the layer by itself wants for constants, so that they are read once from where they are kept.
  var leastConstantBytes: Int { blocks.map { leastConstantBytes($0.tiling) } ?? 0 }

  /// The same if the layer were cut into other blocks.
  func leastConstantBytes(_ tiling: Tiling) -> Int {
    guard let weights = blocks?.weights(tiling), constantReadCount(tiling) > 1 else { return 0 }
    let all = estimatedConstantBytes
    guard weights.blocks > 2 else { return aligned(all) }
    return aligned(min(all, 2 * dividedUp(all, weights.blocks)))
  }

  /// How often blocks need each constant.
  func constantReadCount(_ tiling: Tiling) -> Int {
    guard let weights = blocks?.weights(tiling) else { return 0 }
    return tiling.blockCount / max(1, weights.blocks)
  }

  /// Operands that are read block by block.
  var operandCount: Int { blocks?.problem.operandCount ?? 1 }

  /// Whether the layer reads and writes images in memory, whose pixels and rows may lie apart.
  var takesGaps: Bool { blocks?.problem.isImage ?? false }

  /// Whether the layer can take turns with others, rows by rows.
  var hasRows: Bool { blocks.map { $0.problem.batches == 1 && $0.problem.isImage } ?? false }
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
