import CKernels
import Hardware
import Operators
import Support

/// The text form, for people and tests: memories, then each layer with its commands.
///
///     12: convolve array shram[0 +480] by sram[576 +2560] -> shram[4096 +8192] after 11
extension Program: CustomStringConvertible {
  public var description: String {
    var lines = ["program \(name) for \(target.name) {"]
    for memory in memories {
      lines.append("  memory \(memory.name): \(memory.usedBytes) of \(memory.byteCount) bytes")
    }
    lines += inputs.map { "  input \($0.name): \($0.type) at \(text($0.span))" }
    var layer = -1
    for (index, command) in commands.enumerated() {
      if command.layer != layer {
        layer = command.layer
        lines.append("  layer \(layer): \(layers[layer].kind) `\(layers[layer].name)`")
      }
      lines.append("    \(index): \(text(command.action))\(after(command))")
    }
    lines += outputs.map { "  output \($0.name): \($0.type) at \(text($0.span))" }
    return (lines + ["}"]).joined(separator: "\n") + "\n"
  }

  private func after(_ command: Command) -> String {
    let all = command.dependencies.all
    return all.isEmpty ? "" : " after " + all.map(String.init).joined(separator: ", ")
  }

  private func text(_ action: Action) -> String {
    switch action {
    case .copy(let from, let to): "copy \(text(from)) -> \(text(to))"
    case .load(let load):
      "load \(text(load.tile))\(unsigned(load.isUnsigned))\(pads(load)) -> \(text(load.block))"
    case .convolve(let convolve): text(convolve)
    case .rescale(let rescale): text(rescale)
    case .pool(let pool): text(pool)
    case .add(let add):
      "add \(text(add.first)) \(text(add.second)) \(text(add.form)) -> \(text(add.result))"
        + unsigned(add.isUnsigned)
    case .softmax(let softmax):
      "softmax \(text(softmax.input)) \(softmax.rows)x\(softmax.depth) "
        + "\(softmax.scaling.factor.multiplier)<<\(softmax.scaling.factor.shift) "
        + "from \(softmax.scaling.smallestDifference) -> \(text(softmax.result))"
        + unsigned(softmax.isUnsigned)
    case .callHost(let call):
      "call \(type(of: call.op).name) \(call.operands.map(text).joined(separator: " ")) -> "
        + call.results.map(text).joined(separator: " ")
    }
  }

  private func text(_ convolve: Convolve) -> String {
    "convolve \(convolve.mode.rawValue) \(text(convolve.input))\(minus(convolve.inputZeroPoint)) "
      + "\(convolve.inputHeight)x\(convolve.inputWidth)x\(convolve.inputDepth) "
      + "by \(text(convolve.weights))\(convolve.code.map { " of code \($0)" } ?? "")"
      + "\(minus(convolve.weightZeroPoint)) \(text(convolve.window)) "
      + "\(convolve.isFirst ? "->" : "+>") \(text(convolve.accumulators)) "
      + "\(convolve.height)x\(convolve.width)x\(convolve.depth)"
  }

  private func text(_ rescale: Rescale) -> String {
    let rounding = rescale.rounding == .fixedPoint ? "" : " \(rescale.rounding.rawValue)"
    return "rescale\(rounding) \(text(rescale.accumulators)) by \(text(rescale.parameters)) "
      + "+ \(rescale.zeroPoint) in \(rescale.clampLower)...\(rescale.clampUpper) -> "
      + "\(text(rescale.result))\(unsigned(rescale.isUnsigned))"
  }

  private func text(_ pool: Pool) -> String {
    let pads = [pool.padBefore.height, pool.padBefore.width]
    let pad = pads == [0, 0] ? "" : " pad \(pads)"
    let isWhole = pool.clampLower == -128 && pool.clampUpper == 127
    let range = isWhole ? "" : " in \(pool.clampLower)...\(pool.clampUpper)"
    return "\(pool.isMaximum ? "pool-maximum" : "pool-average") \(text(pool.input)) "
      + "\(pool.inputHeight)x\(pool.inputWidth)\(pad) \(text(pool.window))\(range) -> "
      + "\(text(pool.result))\(unsigned(pool.isUnsigned))"
  }

  /// The rescaling of both operands and of their sum.
  private func text(_ form: ck_addition) -> String {
    guard form.is_single == 0 else {
      return "by \(form.a_factor), \(form.b_factor) + \(form.offset) around \(form.origin) "
        + "in \(form.clamp_min)...\(form.clamp_max)"
    }
    let first = "\(form.a_zero_point):\(form.a_multiplier)<<\(form.a_shift)"
    let second = "\(form.b_zero_point):\(form.b_multiplier)<<\(form.b_shift)"
    return "by \(first), \(second) << \(form.left_shift) * "
      + "\(form.output_multiplier)<<\(form.output_shift) + \(form.output_zero_point) "
      + "in \(form.clamp_min)...\(form.clamp_max)"
  }

  private func minus(_ zeroPoint: Int32) -> String { zeroPoint == 0 ? "" : " - \(zeroPoint)" }

  private func unsigned(_ isUnsigned: Bool) -> String { isUnsigned ? " unsigned" : "" }

  private func pads(_ load: Load) -> String {
    let pads = [load.padTop, load.padLeft, load.padBottom, load.padRight]
    return pads.allSatisfy { $0 == 0 } ? "" : " pad \(pads) with \(load.padding)"
  }

  private func text(_ window: TileWindow) -> String {
    let kernel = "kernel \(text(window.kernel))"
    let stride = window.stride == .one ? "" : " stride \(text(window.stride))"
    let dilation = window.dilation == .one ? "" : " dilation \(text(window.dilation))"
    return kernel + stride + dilation
  }

  private func text(_ pair: Spatial) -> String { "\(pair.height)x\(pair.width)" }

  func text(_ span: Span) -> String {
    "\(memories[span.memory].name)[\(span.address) +\(span.byteCount)]"
  }

  private func text(_ tile: Tile) -> String {
    "\(memories[tile.memory].name)[\(tile.address) \(tile.height)x\(tile.width)x\(tile.channels) "
      + "by \(tile.rowStride), \(tile.pixelStride)]"
  }
}
