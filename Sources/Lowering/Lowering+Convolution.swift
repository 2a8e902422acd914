import GraphIR
import Hardware
import Operators
import Tensors

extension Lowering {
  /// For each block of the result: read input and accumulate, slice by slice of input channels, then rescale.
  mutating func emitConvolution(_ layer: Int, _ blocks: LayerPlan.Blocks) throws {
    guard let mode = blocks.tiling.mode, let weights = blocks.weights,
      let layout = BufferLayout(blocks.problem, blocks.tiling.block, mode, target)
    else { preconditionFailure("a convolution has weights, and blocks that fit") }
    let emitter = try ConvolutionEmitter(
      self, layer, blocks, mode: mode, weights: weights, layout: layout)
    for (index, box) in ResultBox.all(blocks).enumerated() {
      emitter.emit(box, index, into: &self)
    }
  }
}

/// Makes the commands of one convolution.
private struct ConvolutionEmitter {
  let layer: Int
  let problem: TilingProblem
  let mode: ArrayMode
  let weights: WeightLayout
  let layout: BufferLayout
  let input: Span
  let result: Span
  /// Where weights and parameters are read: staged, or where they are kept.
  let constants: Span
  let requantization: Requantization
  let isUnsigned: Bool
  /// Of the signed forms of input and weights.
  let inputZeroPoint: Int
  let weightZeroPoint: Int32

  init(
    _ lowering: Lowering, _ layer: Int, _ blocks: LayerPlan.Blocks, mode: ArrayMode,
    weights: WeightLayout, layout: BufferLayout
  ) throws {
    self.layer = layer
    self.mode = mode
    self.weights = weights
    self.layout = layout
    problem = blocks.problem
    let plan = lowering.layers[layer]
    let node = lowering.graph.nodes[plan.node]
    input = lowering.span(of: node.inputs[0])
    result = lowering.span(of: node.results[0])
    let types = lowering.graph.types(of: node.inputs)
    isUnsigned = types[0].element == .u8
    inputZeroPoint = types[0].signed.quantization?.zeroPoint ?? 0
    weightZeroPoint = Int32(types[1].signed.quantization?.zeroPoint ?? 0)
    requantization = try lowering.graph.requantization(of: plan.node)
    let staged = lowering.addresses.stagedAddress(of: layer)
    constants = Span(
      memory: staged == nil ? lowering.constantsMemory : lowering.addresses.memory,
      address: staged ?? plan.constantsAddress ?? 0, byteCount: weights.byteCount)
  }

  func emit(_ box: ResultBox, _ index: Int, into lowering: inout Lowering) {
    let area = InputArea(problem, box)
    let accumulators = Span(
      memory: lowering.bufferMemory, address: layout.accumulatorOffsets[index % 2],
      byteCount: 4 * box.elementCount)
    let slices = mode == .depthwise ? 1 : weights.slices
    for slice in 0..<slices {
      let channels = mode == .depthwise ? box.channels : weights.inputChannels(slice)
      let block = Span(
        memory: lowering.bufferMemory,
        address: layout.inputOffsets[(index * slices + slice) % 2],
        byteCount: area.paddedHeight * area.paddedWidth * channels.count)
      lowering.add(.load(load(area, box, channels, block)), layer: layer)
      lowering.add(
        .convolve(convolve(area, box, channels.count, slice, block, accumulators)), layer: layer)
    }
    lowering.add(.rescale(rescale(box, accumulators)), layer: layer)
  }

  private func load(_ area: InputArea, _ box: ResultBox, _ channels: Range<Int>, _ block: Span)
    -> Load
  {
    Load(
      tile: area.tile(of: input, problem, batch: box.batch, channels: channels),
      isUnsigned: isUnsigned,
      padTop: area.padTop, padLeft: area.padLeft, padBottom: area.padBottom,
      padRight: area.padRight, padding: Int8(clamping: inputZeroPoint), block: block)
  }

  private func convolve(
    _ area: InputArea, _ box: ResultBox, _ inputDepth: Int, _ slice: Int, _ block: Span,
    _ accumulators: Span
  ) -> Convolve {
    let brick = weights.brick(box.depthIndex, slice)
    return Convolve(
      input: block, inputHeight: area.paddedHeight, inputWidth: area.paddedWidth,
      inputDepth: inputDepth, inputZeroPoint: Int32(inputZeroPoint),
      weights: constants.part(at: brick.lowerBound, brick.count), code: nil,
      weightZeroPoint: weightZeroPoint,
      window: TileWindow(problem.window), mode: mode, accumulators: accumulators,
      height: box.rows.count, width: box.columns.count, depth: box.channels.count,
      isFirst: slice == 0)
  }

  private func rescale(_ box: ResultBox, _ accumulators: Span) -> Rescale {
    let parameters = weights.parameters(box.depthIndex)
    return Rescale(
      accumulators: accumulators,
      parameters: constants.part(at: parameters.lowerBound, parameters.count),
      rounding: requantization.factors.rounding, zeroPoint: requantization.zeroPoint,
      clampLower: requantization.clampLower,
      clampUpper: requantization.clampUpper, hasActivation: problem.hasActivation,
      result: box.tile(of: result, problem.result), isUnsigned: isUnsigned)
  }
}
