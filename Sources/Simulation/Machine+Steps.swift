import CKernels
import GraphIR
import Lowering

/// What is to be done where the kernels stop at a step.
enum Interruption {
  /// The step is to be run when its constant is prepared.
  case prepare(PreparedConstant)
  /// The step is no kernel's, but this.
  case work(() throws -> Void)
}

/// Commands as steps of the kernels, with all addresses found.
extension Machine {
  func step(_ command: Command) -> (ck_step, Interruption?) {
    switch command.action {
    case .copy(let from, let to): return (step(from, to), nil)
    case .load(let load): return (step(load), nil)
    case .convolve(let convolve):
      let weights = weights(of: convolve, layer: command.layer)
      return (step(convolve, weights), .prepare(weights))
    case .rescale(let rescale):
      let parameters = parameters(of: rescale, layer: command.layer)
      return (step(rescale, parameters), .prepare(parameters))
    case .pool(let pool): return other { [unowned self] in execute(pool) }
    case .add(let add): return other { [unowned self] in execute(add) }
    case .softmax(let softmax): return other { [unowned self] in execute(softmax) }
    case .callHost(let call): return other(work(call))
    }
  }

  private func other(_ work: @escaping () throws -> Void) -> (ck_step, Interruption?) {
    (ck_step(kind: ck_step_other, operands: .init()), .work(work))
  }

  private func step(_ from: Span, _ to: Span) -> ck_step {
    let copy = ck_copy_step(
      from: pointer(from), to: pointer(to), byte_count: Int64(from.byteCount))
    return ck_step(kind: ck_step_copy, operands: .init(copy: copy))
  }

  private func step(_ load: Load) -> ck_step {
    let (block, tile): (UnsafeMutablePointer<UInt8>, Tile) = (pointer(load.block), load.tile)
    let isPadded = load.block.byteCount != tile.byteCount
    let width = load.padLeft + tile.width + load.padRight
    let offset = (load.padTop * width + load.padLeft) * tile.channels
    let form = ck_load_step(
      box: ck_box_copy(
        tile, at: pointer(tile), to: block + offset, blockWidth: width, isUnsigned: load.isUnsigned),
      block: block, padded_byte_count: isPadded ? Int64(load.block.byteCount) : 0,
      padding: UInt8(bitPattern: load.padding))
    return ck_step(kind: ck_step_load, operands: .init(load: form))
  }

  private func step(_ convolve: Convolve, _ weights: PreparedConstant) -> ck_step {
    let tile = ck_convolution_tile(
      tile: pointer(convolve.input),
      tile_shape: ck_shape(convolve.inputHeight, convolve.inputWidth, convolve.inputDepth),
      input_zero_point: convolve.inputZeroPoint, window: convolve.window.kernelForm(),
      accumulators: pointer(convolve.accumulators),
      accumulator_shape: ck_shape(convolve.height, convolve.width, convolve.depth),
      adds: convolve.isFirst ? 0 : 1)
    let form = ck_convolve_step(tile: tile, weights: weights.state)
    return ck_step(kind: ck_step_convolve, operands: .init(convolve: form))
  }

  private func step(_ rescale: Rescale, _ parameters: PreparedConstant) -> ck_step {
    let tile = rescale.result
    let form = ck_rescale_step(
      accumulators: pointer(rescale.accumulators), height: Int32(tile.height),
      width: Int32(tile.width), channels: Int32(tile.channels), parameters: parameters.state,
      output: pointer(tile).assumingMemoryBound(to: Int8.self),
      output_row_stride: Int64(tile.rowStride), output_pixel_stride: Int64(tile.pixelStride))
    return ck_step(kind: ck_step_rescale, operands: .init(rescale: form))
  }

  private func weights(of convolve: Convolve, layer: Int) -> PreparedConstant {
    let shape = WeightShape(convolve)
    let use = ConstantUse.weights(layer: layer, convolve.weights, shape)
    return constant(use, in: convolve.weights) { [code = convolve.code.map { codes[Int($0)] }] in
      TileWeights($0, shape, code)
    }
  }

  private func parameters(of rescale: Rescale, layer: Int) -> PreparedConstant {
    let range = RescaledRange(rescale)
    let use = ConstantUse.parameters(layer: layer, rescale.parameters, range)
    return constant(use, in: rescale.parameters) {
      RescalingParameters(ChannelParameters(from: $0, range.rounding), range)
    }
  }
}
