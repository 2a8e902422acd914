import CKernels
import GraphIR
import Lowering
import Operators

/// Commands that are rarer than others, or take longer.
extension Machine {
  func execute(_ pool: Pool) {
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

  func execute(_ add: AddTiles) {
    withUnsafePointer(to: add.form) { form in
      ck_add_i8(
        pointer(add.first), pointer(add.second), Int64(add.result.byteCount), form,
        dense.assumingMemoryBound(to: Int8.self))
    }
    spread(over: add.result, isUnsigned: add.isUnsigned)
  }

  func execute(_ softmax: SoftmaxRows) {
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
  func work(_ call: HostCall) -> () throws -> Void {
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
    var copy = ck_box_copy(tile, of: dense, to: pointer(tile), isUnsigned: isUnsigned)
    ck_copy_box(&copy)
  }
}

extension ck_shape {
  init(_ height: Int, _ width: Int, _ channels: Int) {
    self.init(
      batches: 1, height: Int32(height), width: Int32(width), channels: Int32(channels))
  }
}

extension TileWindow {
  func kernelForm(padBefore: Spatial = Spatial(height: 0, width: 0)) -> ck_window {
    ck_window(
      kernel_height: Int32(kernel.height), kernel_width: Int32(kernel.width),
      stride_height: Int32(stride.height), stride_width: Int32(stride.width),
      dilation_height: Int32(dilation.height), dilation_width: Int32(dilation.width),
      pad_top: Int32(padBefore.height), pad_left: Int32(padBefore.width))
  }
}
