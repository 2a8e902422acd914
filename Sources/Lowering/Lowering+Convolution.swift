import GraphIR
import Hardware
import Operators
import Tensors

extension Lowering {
  /// For each block of the result: read input and accumulate, slice by slice of input channels, then rescale.
  ///
  /// - Parameter rows: of the result, which blocks do not straddle.
  mutating func emitConvolution(
    _ layer: Int, _ blocks: LayerPlan.Blocks, _ rows: Range<Int>
  ) throws {
    let emitter = try emitters[layer] ?? ConvolutionEmitter(self, layer, blocks)
    emitters[layer] = emitter
    let boxes = ResultBox.boxes(blocks, rows: rows)
    guard let slots = sharedSlots(of: layer) else {
      for box in boxes { emitter.emit(box, into: &self) }
      return
    }
    for block in 0..<emitter.weights.blocks {
      // The block before has done with its slot: a copy into it can go on beside the work on this one.
      if block > 0 { stage(block + slots - 1, of: layer) }
      for box in boxes where box.depthIndex == block { emitter.emit(box, into: &self) }
    }
  }
}

/// Makes the commands of one convolution.
struct ConvolutionEmitter {
  private let layer: Int
  private let problem: TilingProblem
  private let mode: ArrayMode
  let weights: WeightLayout
  /// Where each slice of weights of each block in depth is read, block by block, and the parameters of each.
  private let bricks: [Span]
  private let parameters: [Span]
  /// The index of the code book of the weights; nil if they are stored as they are.
  private let code: Int32?
  private let layout: BufferLayout
  private let input: ImagePlace
  private let result: ImagePlace
  private let requantization: Requantization
  private let isUnsigned: Bool
  /// Of the signed forms of input and weights.
  private let inputZeroPoint: Int
  private let weightZeroPoint: Int32

  init(_ lowering: Lowering, _ layer: Int, _ blocks: LayerPlan.Blocks) throws {
    guard let mode = blocks.tiling.mode, let weights = blocks.weights,
      let layout = BufferLayout(
        blocks.problem, blocks.tiling.block, mode, lowering.target)
    else { preconditionFailure("a convolution has weights, and blocks that fit") }
    self.layer = layer
    self.mode = mode
    self.weights = weights
    self.layout = layout
    problem = blocks.problem
    let plan = lowering.layers[layer]
    guard let stored = plan.constants else {
      preconditionFailure("constants are laid out before commands are made")
    }
    bricks = stored.bricks.enumerated().flatMap { block, slices in
      slices.map { lowering.constants(of: layer, block: block, $0) }
    }
    parameters = stored.parameters.enumerated().map { block, part in
      lowering.constants(of: layer, block: block, part)
    }
    code = stored.code.map { Int32($0) }
    let node = lowering.graph.nodes[plan.node]
    input = lowering.place(of: node.inputs[0], problem.input)
    result = lowering.place(of: node.results[0], problem.result)
    let types = lowering.graph.types(of: node.inputs)
    isUnsigned = types[0].element == .u8
    inputZeroPoint = types[0].signed.quantization?.zeroPoint ?? 0
    weightZeroPoint = Int32(types[1].signed.quantization?.zeroPoint ?? 0)
    requantization = try lowering.graph.requantization(of: plan.node)
  }

  func emit(_ box: ResultBox, into lowering: inout Lowering) {
    let area = InputArea(problem, box)
    let index = lowering.emittedBlocks[layer]
    lowering.emittedBlocks[layer] += 1
    let accumulators = Span(
      memory: lowering.bufferMemory, address: layout.accumulatorOffset(index % 2),
      byteCount: 4 * box.elementCount)
    let slices = weights.slices
    let pixel = layout.holdsWholeDepth ? wholePixel(area, box, into: &lowering) : nil
    for slice in 0..<slices {
      let channels = mode == .depthwise ? box.channels : weights.inputChannels(slice)
      let block =
        pixel?.part(at: channels.lowerBound, channels.count)
        ?? slicedBlock(area, box, channels, index * slices + slice, into: &lowering)
      let brick = bricks[box.depthIndex * slices + slice]
      let convolve = convolve(area, box, channels.count, brick, block, accumulators, slice == 0)
      lowering.add(.convolve(convolve), layer: layer)
    }
    let rescale = rescale(box, accumulators, parameters[box.depthIndex])
    lowering.add(.rescale(rescale), layer: layer)
  }

  /// Loads some channels of the input, into one half of the buffer after the other.
  private func slicedBlock(
    _ area: InputArea, _ box: ResultBox, _ channels: Range<Int>, _ turn: Int,
    into lowering: inout Lowering
  ) -> Span {
    let block = Span(
      memory: lowering.bufferMemory, address: layout.inputOffset(turn % 2),
      byteCount: area.paddedHeight * area.paddedWidth * channels.count)
    load(area, box, channels, block, into: &lowering)
    return block
  }

  /// All channels of a single pixel, which are loaded once for all blocks in depth.
  private func wholePixel(
    _ area: InputArea, _ box: ResultBox, into lowering: inout Lowering
  ) -> Span {
    let pixel = LoadedPixel(layer: layer, batch: box.batch, rows: box.rows, columns: box.columns)
    let turn = lowering.loadedPixel.turn
    if lowering.loadedPixel.pixel != pixel {
      lowering.loadedPixel = (pixel, turn + 1)
      return slicedBlock(area, box, 0..<problem.input.depth, turn + 1, into: &lowering)
    }
    return Span(
      memory: lowering.bufferMemory, address: layout.inputOffset(turn % 2),
      byteCount: problem.input.depth)
  }

  /// One command for each tile that the input is in: a second one fills the lower rows of the block.
  private func load(
    _ area: InputArea, _ box: ResultBox, _ channels: Range<Int>, _ block: Span,
    into lowering: inout Lowering
  ) {
    let (first, second) = area.tiles(of: input, batch: box.batch, channels: channels)
    guard let second else {
      let load = load(first, area, area.padTop, area.padBottom, block)
      return lowering.add(.load(load), layer: layer)
    }
    let upperBytes = (area.padTop + first.height) * area.paddedWidth * channels.count
    let upper = block.part(at: 0, upperBytes)
    let lower = block.part(at: upperBytes, block.byteCount - upperBytes)
    lowering.add(.load(load(first, area, area.padTop, 0, upper)), layer: layer)
    lowering.add(.load(load(second, area, 0, area.padBottom, lower)), layer: layer)
  }

  private func load(
    _ tile: Tile, _ area: InputArea, _ padTop: Int, _ padBottom: Int, _ block: Span
  ) -> Load {
    Load(
      tile: tile, isUnsigned: isUnsigned, padTop: padTop, padLeft: area.padLeft,
      padBottom: padBottom, padRight: area.padRight, padding: Int8(clamping: inputZeroPoint),
      block: block)
  }

  private func convolve(
    _ area: InputArea, _ box: ResultBox, _ inputDepth: Int, _ weights: Span, _ block: Span,
    _ accumulators: Span, _ isFirst: Bool
  ) -> Convolve {
    Convolve(
      input: block, inputHeight: area.paddedHeight, inputWidth: area.paddedWidth,
      inputDepth: inputDepth, inputZeroPoint: Int32(inputZeroPoint),
      weights: weights, code: code,
      weightZeroPoint: weightZeroPoint,
      window: TileWindow(problem.window), mode: mode, accumulators: accumulators,
      height: box.rows.count, width: box.columns.count, depth: box.channels.count,
      isFirst: isFirst)
  }

  private func rescale(_ box: ResultBox, _ accumulators: Span, _ parameters: Span) -> Rescale {
    Rescale(
      accumulators: accumulators, parameters: parameters,
      rounding: requantization.factors.rounding, zeroPoint: requantization.zeroPoint,
      clampLower: requantization.clampLower,
      clampUpper: requantization.clampUpper, hasActivation: problem.hasActivation,
      result: box.tile(of: result), isUnsigned: isUnsigned)
  }
}

/// A pixel of a layer's result whose input is in the buffer.
struct LoadedPixel: Hashable {
  let layer: Int
  let batch: Int
  let rows: Range<Int>
  let columns: Range<Int>
}
