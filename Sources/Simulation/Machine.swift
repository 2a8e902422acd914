import CKernels
import Foundation
import GraphIR
import Lowering
import Operators
import Support

/// The target's memories as byte arrays, as far as the program uses them, and the arithmetic of its engines on them.
///
/// A class because it owns the memories.
package final class Machine {
  private let memories: [UnsafeMutableRawBufferPointer]
  /// The memories that commands write; the others hold the same bytes for good.
  private let written: Set<Int>
  private let scratch: OpaquePointer
  /// A result before it is spread over its tile.
  private let dense: UnsafeMutableRawPointer
  private var weights: [ConstantUse: PreparedConstant<TileWeights>] = [:]
  private var factors: [ConstantUse: PreparedConstant<RescalingFactors>] = [:]
  private var steps: [Step] = []

  /// What a command does to memory, with all addresses found.
  private typealias Step = () throws -> Void

  /// Memories of the program's target, holding the image.
  package init(_ program: Program) {
    memories = program.memories.map { memory in
      guard let start = calloc(max(1, memory.usedBytes), 1) else {
        fatalError("out of memory: \(memory.usedBytes) bytes for `\(memory.name)`")
      }
      return UnsafeMutableRawBufferPointer(start: start, count: memory.usedBytes)
    }
    written = Set(
      program.commands.flatMap { $0.action.accesses.filter(\.isWrite).map(\.memory) })
    guard let scratch = ck_make_scratch() else { fatalError("out of memory") }
    self.scratch = scratch
    let resultBytes = program.commands.compactMap { $0.action.spreadResult?.byteCount }
    dense = .allocate(byteCount: resultBytes.max() ?? 0, alignment: 64)
    if let constants = program.constantsMemory {
      memories[constants].copyBytes(from: program.image)
    }
    steps = program.commands.map(step)
  }

  deinit {
    memories.forEach { free($0.baseAddress) }
    ck_free_scratch(scratch)
    dense.deallocate()
  }

  /// The bytes of a span.
  package func bytes(_ span: Span) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memories[span.memory][span.range])
  }

  /// Does what a command of the program does to memory.
  package func execute(_ index: Int) throws { try steps[index]() }

  private func step(_ command: Command) -> Step {
    switch command.action {
    case .copy(let from, let to):
      let (source, target) = (UnsafeRawBufferPointer(bytes(from)), bytes(to))
      return { target.copyMemory(from: source) }
    case .load(let load): return step(load)
    case .convolve(let convolve): return step(convolve, layer: command.layer)
    case .rescale(let rescale): return step(rescale, layer: command.layer)
    case .pool(let pool): return { [unowned self] in execute(pool) }
    case .add(let add): return { [unowned self] in execute(add) }
    case .softmax(let softmax): return { [unowned self] in execute(softmax) }
    case .callHost(let call): return step(call)
    }
  }

  private func step(_ load: Load) -> Step {
    let (block, tile) = (bytes(load.block), load.tile)
    let padding = Int32(UInt8(bitPattern: load.padding))
    let isPadded = load.block.byteCount != tile.byteCount
    let width = load.padLeft + tile.width + load.padRight
    let offset = (load.padTop * width + load.padLeft) * tile.channels
    let copy = BoxCopy(
      tile, at: pointer(tile), to: block.baseAddress! + offset,  // not empty
      blockWidth: width, isUnsigned: load.isUnsigned)
    return {
      if isPadded { memset(block.baseAddress!, padding, block.count) }  // not empty
      copy()
    }
  }

  private func step(_ convolve: Convolve, layer: Int) -> Step {
    let weights = weights(of: convolve, layer: layer)
    let scratch = scratch
    let tile = ck_convolution_tile(
      tile: pointer(convolve.input),
      tile_shape: ck_shape(convolve.inputHeight, convolve.inputWidth, convolve.inputDepth),
      input_zero_point: convolve.inputZeroPoint, window: convolve.window.kernelForm(),
      accumulators: pointer(convolve.accumulators),
      accumulator_shape: ck_shape(convolve.height, convolve.width, convolve.depth),
      adds: convolve.isFirst ? 0 : 1)
    return {
      withUnsafePointer(to: tile) { ck_accumulate_tile($0, weights.current.form, scratch) }
    }
  }

  private func weights(of convolve: Convolve, layer: Int) -> PreparedConstant<TileWeights> {
    let shape = WeightShape(convolve)
    let use = ConstantUse.weights(layer: layer, convolve.weights, shape)
    let prepared =
      weights[use]
      ?? prepared(convolve.weights) {
        TileWeights($0, shape)
      }
    weights[use] = prepared
    return prepared
  }

  private func prepared<Form>(
    _ span: Span, _ make: @escaping (UnsafeRawBufferPointer) -> Form
  ) -> PreparedConstant<Form> {
    PreparedConstant(
      UnsafeRawBufferPointer(bytes(span)), mayChange: written.contains(span.memory), make)
  }

  private func step(_ rescale: Rescale, layer: Int) -> Step {
    let tile = rescale.result
    let (height, width, channels) = (Int32(tile.height), Int32(tile.width), Int32(tile.channels))
    let (rowStride, pixelStride) = (Int64(tile.rowStride), Int64(tile.pixelStride))
    let accumulators: UnsafeMutablePointer<Int32> = pointer(rescale.accumulators)
    let result = pointer(tile).assumingMemoryBound(to: Int8.self)
    let factors = factors(of: rescale, layer: layer)
    return {
      let factors = factors.current
      var form = factors.form
      form.output_zero_point = rescale.zeroPoint
      form.clamp_min = rescale.clampLower
      form.clamp_max = rescale.clampUpper
      form.is_unsigned = rescale.isUnsigned ? 1 : 0
      withExtendedLifetime(factors) {
        ck_requantize_i32_to_i8(
          accumulators, height, width, channels, &form, result, rowStride, pixelStride)
      }
    }
  }

  private func factors(of rescale: Rescale, layer: Int) -> PreparedConstant<RescalingFactors> {
    let use = ConstantUse.parameters(layer: layer, rescale.parameters, rescale.rounding)
    let prepared =
      factors[use]
      ?? prepared(rescale.parameters) {
        RescalingFactors(ChannelParameters(from: $0, rescale.rounding))
      }
    factors[use] = prepared
    return prepared
  }

  private func execute(_ pool: Pool) {
    let tile = pool.result
    let input = ck_shape(pool.inputHeight, pool.inputWidth, tile.channels)
    let result = ck_shape(tile.height, tile.width, tile.channels)
    let window = pool.window.kernelForm(padBefore: pool.padBefore)
    if pool.isUnsigned, !pool.isMaximum {
      // Means are rounded as those of unsigned numbers; the block in the buffer is only read once.
      let block = bytes(pool.input)
      SignFlip.flip(UnsafeRawBufferPointer(block), into: block)
      ck_average_pool_u8(
        pointer(pool.input), input, window, pool.clampLower + 128, pool.clampUpper + 128,
        dense.assumingMemoryBound(to: UInt8.self), result, 0, Int32(tile.height))
      return spread(over: tile, isUnsigned: false)
    }
    let function = pool.isMaximum ? ck_max_pool_i8 : ck_average_pool_i8
    function(
      pointer(pool.input), input, window, pool.clampLower, pool.clampUpper,
      dense.assumingMemoryBound(to: Int8.self), result, 0, Int32(tile.height))
    spread(over: tile, isUnsigned: pool.isUnsigned)
  }

  private func execute(_ add: AddTiles) {
    withUnsafePointer(to: add.form) { form in
      ck_add_i8(
        pointer(add.first), pointer(add.second), Int64(add.result.byteCount), form,
        dense.assumingMemoryBound(to: Int8.self))
    }
    spread(over: add.result, isUnsigned: add.isUnsigned)
  }

  private func execute(_ softmax: SoftmaxRows) {
    let scaling = softmax.scaling
    let (input, result) = (bytes(softmax.input), bytes(softmax.result))
    result.copyMemory(from: UnsafeRawBufferPointer(input))
    if softmax.isUnsigned { SignFlip.flip(UnsafeRawBufferPointer(result), into: result) }
    let signed = Array(result.bindMemory(to: Int8.self))
    ck_softmax_i8(
      signed, Int64(softmax.rows), Int32(softmax.depth), scaling.factor.multiplier,
      scaling.factor.shift, scaling.smallestDifference, pointer(softmax.result))
    if softmax.isUnsigned { SignFlip.flip(UnsafeRawBufferPointer(result), into: result) }
  }

  /// The kernel is made in the first run, which can report what is wrong with it.
  private func step(_ call: HostCall) -> Step {
    let operands = call.operands.map { UnsafeRawBufferPointer(bytes($0)) }
    let results = call.results.map(bytes)
    var kernel: Kernel?
    return {
      let ready = try kernel ?? call.op.kernel(for: call.site)
      kernel = ready
      try ready.run(operands, results, .one)
    }
  }

  /// Writes the signed bytes of `dense` to a tile, as unsigned ones where its image has these.
  private func spread(over tile: Tile, isUnsigned: Bool) {
    let copy = BoxCopy(tile, of: dense, to: pointer(tile), isUnsigned: isUnsigned)
    copy()
  }

  private func pointer<Element>(_ span: Span) -> UnsafeMutablePointer<Element> {
    bytes(span).baseAddress!.assumingMemoryBound(to: Element.self)  // not empty
  }

  private func pointer(_ tile: Tile) -> UnsafeMutableRawPointer {
    memories[tile.memory].baseAddress! + tile.address  // not empty
  }
}

extension Action {
  /// The tile over which a command spreads a result that is dense at first.
  fileprivate var spreadResult: Tile? {
    switch self {
    case .pool(let pool): pool.result
    case .add(let add): add.result
    case .copy, .load, .convolve, .rescale, .softmax, .callHost: nil
    }
  }
}

extension ck_shape {
  fileprivate init(_ height: Int, _ width: Int, _ channels: Int) {
    self.init(
      batches: 1, height: Int32(height), width: Int32(width), channels: Int32(channels))
  }
}

extension TileWindow {
  fileprivate func kernelForm(padBefore: Spatial = Spatial(height: 0, width: 0)) -> ck_window {
    ck_window(
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      pad_top: Int32(padBefore.height), pad_left: Int32(padBefore.width))
  }
}
