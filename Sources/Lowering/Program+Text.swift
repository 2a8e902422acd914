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
    case .load(let load): "load \(text(load.tile))\(pads(load)) -> \(text(load.block))"
    case .convolve(let convolve): text(convolve)
    case .rescale(let rescale):
      "rescale \(text(rescale.accumulators)) by \(text(rescale.parameters)) + \(rescale.zeroPoint) "
        + "in \(rescale.clampLower)...\(rescale.clampUpper) -> \(text(rescale.result))"
    case .pool(let pool):
      "\(pool.isMaximum ? "pool-maximum" : "pool-average") \(text(pool.input)) "
        + "\(pool.inputHeight)x\(pool.inputWidth) \(text(pool.window)) -> \(text(pool.result))"
    case .add(let add): "add \(text(add.first)) \(text(add.second)) -> \(text(add.result))"
    case .softmax(let softmax):
      "softmax \(text(softmax.input)) \(softmax.rows)x\(softmax.depth) -> \(text(softmax.result))"
    case .callHost(let call):
      "call \(type(of: call.op).name) \(call.operands.map(text).joined(separator: " ")) -> "
        + call.results.map(text).joined(separator: " ")
    }
  }

  private func text(_ convolve: Convolve) -> String {
    "convolve \(convolve.mode.rawValue) \(text(convolve.input)) "
      + "\(convolve.inputHeight)x\(convolve.inputWidth)x\(convolve.inputDepth) "
      + "by \(text(convolve.weights))\(convolve.code.map { " of code \($0)" } ?? "") "
      + "\(text(convolve.window)) "
      + "\(convolve.isFirst ? "->" : "+>") \(text(convolve.accumulators)) "
      + "\(convolve.height)x\(convolve.width)x\(convolve.depth)"
  }

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
