import CKernels
import Foundation
import Lowering
import Operators
import Support

/// The target's memories as byte arrays, as far as the program uses them, and the arithmetic of its engines on them.
///
/// A class because it owns the memories.
final class Machine {
  private let memories: [UnsafeMutableRawBufferPointer]

  /// Memories of the program's target, holding the image.
  init(_ program: Program) {
    memories = program.memories.map { memory in
      guard let start = calloc(max(1, memory.usedBytes), 1) else {
        fatalError("out of memory: \(memory.usedBytes) bytes for `\(memory.name)`")
      }
      return UnsafeMutableRawBufferPointer(start: start, count: memory.usedBytes)
    }
    if let constants = program.constantsMemory {
      memories[constants].copyBytes(from: program.image)
    }
  }

  deinit { memories.forEach { free($0.baseAddress) } }

  /// The bytes of a span.
  func bytes(_ span: Span) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memories[span.memory][span.range])
  }

  /// Does what a command does to memory.
  func execute(_ action: Action) throws {
    switch action {
    case .copy(let from, let to): bytes(to).copyMemory(from: UnsafeRawBufferPointer(bytes(from)))
    case .load(let load): execute(load)
    case .convolve(let convolve): execute(convolve)
    case .rescale(let rescale): execute(rescale)
    case .pool(let pool): execute(pool)
    case .add(let add): execute(add)
    case .softmax(let softmax): execute(softmax)
    case .callHost(let call): try execute(call)
    }
  }

  private func execute(_ load: Load) {
    let block = bytes(load.block)
    let tile = load.tile
    let width = (load.padLeft + tile.width + load.padRight) * tile.channels
    let isPadded = load.block.byteCount != tile.byteCount
    if isPadded { fill(block, with: paddingByte(load)) }
    let source = memories[tile.memory]
    for row in 0..<tile.height {
      let from = tile.address + row * tile.rowStride
      let to = (load.padTop + row) * width + load.padLeft * tile.channels
      if tile.pixelStride == tile.channels {
        copy(source, from, block, to, tile.width * tile.channels)
      } else {
        for column in 0..<tile.width {
          copy(
            source, from + column * tile.pixelStride, block, to + column * tile.channels,
            tile.channels)
        }
      }
    }
    if load.isUnsigned { SignFlip.flip(UnsafeRawBufferPointer(block), into: block) }
  }

  /// The padding as the tile would have it, so that both can be made signed together.
  private func paddingByte(_ load: Load) -> UInt8 {
    UInt8(bitPattern: load.padding) ^ (load.isUnsigned ? 0x80 : 0)
  }

  private func fill(_ bytes: UnsafeMutableRawBufferPointer, with byte: UInt8) {
    if let start = bytes.baseAddress { memset(start, Int32(byte), bytes.count) }
  }

  private func copy(
    _ source: UnsafeMutableRawBufferPointer, _ from: Int,
    _ destination: UnsafeMutableRawBufferPointer, _ to: Int, _ count: Int
  ) {
    memcpy(destination.baseAddress! + to, source.baseAddress! + from, count)  // not empty
  }

  private func execute(_ convolve: Convolve) {
    let accumulators = bytes(convolve.accumulators)
    if convolve.isFirst { fill(accumulators, with: 0) }
    let input = ck_shape(
      convolve.inputHeight, convolve.inputWidth, convolve.inputDepth)
    let result = ck_shape(convolve.height, convolve.width, convolve.depth)
    let accumulate =
      convolve.mode == .depthwise
      ? ck_accumulate_depthwise_conv2d_i8 : ck_accumulate_conv2d_i8
    accumulate(
      pointer(convolve.input), input, convolve.inputZeroPoint, pointer(convolve.weights),
      convolve.weightZeroPoint, convolve.window.kernelForm(), pointer(convolve.accumulators), result
    )
  }

  private func execute(_ rescale: Rescale) {
    let tile = rescale.result
    let parameters = ChannelParameters(
      from: UnsafeRawBufferPointer(bytes(rescale.parameters)), rescale.rounding)
    var form = ck_requantization()
    form.output_zero_point = rescale.zeroPoint
    form.clamp_min = rescale.clampLower
    form.clamp_max = rescale.clampUpper
    parameters.bias.withUnsafeBufferPointer { bias in
      form.bias = bias.baseAddress
      parameters.factors.withPointers(in: &form) { form in
        ck_requantize_i32_to_i8(
          pointer(rescale.accumulators), Int32(tile.height), Int32(tile.width),
          Int32(tile.channels), &form, pointer(tile), Int64(tile.rowStride), Int64(tile.pixelStride)
        )
      }
    }
    if rescale.isUnsigned { flip(tile) }
  }

  private func execute(_ pool: Pool) {
    let tile = pool.result
    let input = ck_shape(pool.inputHeight, pool.inputWidth, tile.channels)
    let result = ck_shape(tile.height, tile.width, tile.channels)
    let window = pool.window.kernelForm(padBefore: pool.padBefore)
    let dense = UnsafeMutablePointer<Int8>.allocate(capacity: tile.byteCount)
    defer { dense.deallocate() }
    if pool.isUnsigned, !pool.isMaximum {
      // Means are rounded as those of unsigned numbers; the block in the buffer is only read once.
      let block = bytes(pool.input)
      SignFlip.flip(UnsafeRawBufferPointer(block), into: block)
      dense.withMemoryRebound(to: UInt8.self, capacity: tile.byteCount) { dense in
        ck_average_pool_u8(
          pointer(pool.input), input, window, pool.clampLower + 128, pool.clampUpper + 128, dense,
          result, 0, Int32(tile.height))
      }
      return write(dense, to: tile)
    }
    let function = pool.isMaximum ? ck_max_pool_i8 : ck_average_pool_i8
    function(
      pointer(pool.input), input, window, pool.clampLower, pool.clampUpper, dense, result, 0,
      Int32(tile.height))
    write(dense, to: tile)
    if pool.isUnsigned { flip(tile) }
  }

  private func execute(_ add: AddTiles) {
    let dense = UnsafeMutablePointer<Int8>.allocate(capacity: add.result.byteCount)
    defer { dense.deallocate() }
    withUnsafePointer(to: add.form) { form in
      ck_add_i8(
        pointer(add.first), pointer(add.second), Int64(add.result.byteCount), form, dense)
    }
    write(dense, to: add.result)
    if add.isUnsigned { flip(add.result) }
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

  private func execute(_ call: HostCall) throws {
    let kernel = try call.op.kernel(for: call.site)
    try kernel.run(
      call.operands.map { UnsafeRawBufferPointer(bytes($0)) }, call.results.map(bytes), .one)
  }

  /// Turns the signed bytes of a tile into unsigned ones.
  private func flip(_ tile: Tile) {
    for row in 0..<tile.height {
      for column in 0..<tile.width {
        let start = tile.address + row * tile.rowStride + column * tile.pixelStride
        let pixel = UnsafeMutableRawBufferPointer(
          rebasing: memories[tile.memory][start..<start + tile.channels])
        SignFlip.flip(UnsafeRawBufferPointer(pixel), into: pixel)
      }
    }
  }

  private func write(_ dense: UnsafePointer<Int8>, to tile: Tile) {
    let memory = memories[tile.memory]
    for row in 0..<tile.height {
      for column in 0..<tile.width {
        let from = (row * tile.width + column) * tile.channels
        let to = tile.address + row * tile.rowStride + column * tile.pixelStride
        memcpy(memory.baseAddress! + to, dense + from, tile.channels)  // not empty
      }
    }
  }

  private func pointer<Element>(_ span: Span) -> UnsafeMutablePointer<Element> {
    bytes(span).baseAddress!.assumingMemoryBound(to: Element.self)  // not empty
  }

  private func pointer(_ tile: Tile) -> UnsafeMutablePointer<Int8> {
    let start = memories[tile.memory].baseAddress!  // not empty
    return (start + tile.address).assumingMemoryBound(to: Int8.self)
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
