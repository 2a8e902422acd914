/// Constants on their way to the array.
extension Lowering {
  /// The bytes of the fast memory that a layer's staged constants take.
  func stagedBytes(_ layer: Int) -> Int {
    guard let stored = layers[layer].constants else { return 0 }
    switch staging[layer] {
    case .direct: return 0
    case .ahead(let blocks, _): return stored.chunk(blocks - 1).upperBound
    case .alternating: return 2 * slotBytes(stored)
    }
  }

  /// The room for the constants of any block of a layer.
  private func slotBytes(_ stored: StoredConstants) -> Int {
    aligned((0..<stored.blocks).map { stored.chunk($0).count }.max() ?? 0)
  }

  /// Where the array and the output stage read the constants of a block in depth.
  ///
  /// - Parameter part: relative to the beginning of the layer's constants, within the block's.
  func constants(of layer: Int, block: Int, _ part: Range<Int>) -> Span {
    guard let stored = layers[layer].constants else {
      preconditionFailure("a layer with weights has constants")
    }
    let staged = addresses[.constants(layer)]
    switch (staging[layer], staged) {
    case (.ahead(let blocks, _), let staged?) where block < blocks:
      return staged.part(at: part.lowerBound, part.count)
    case (.alternating, let staged?):
      let offset = block % 2 * slotBytes(stored) - stored.chunk(block).lowerBound
      return staged.part(at: offset + part.lowerBound, part.count)
    default:
      return Span(
        memory: constantsMemory, address: stored.address + part.lowerBound, byteCount: part.count)
    }
  }

  /// Emits the copies that may begin while a group of layers runs.
  mutating func stageConstants(during group: Range<Int>) {
    for layer in group.lowerBound..<layers.count {
      guard let start = staging[layer].start, group.contains(start) else { continue }
      switch staging[layer] {
      case .direct: break
      case .ahead(let blocks, _): for block in 0..<blocks { stage(block, of: layer) }
      case .alternating: stage(0, of: layer)
      }
    }
  }

  /// Copies the constants of a block in depth into the fast memory.
  mutating func stage(_ block: Int, of layer: Int) {
    guard let stored = layers[layer].constants, block < stored.blocks else { return }
    let chunk = stored.chunk(block)
    let source = Span(
      memory: constantsMemory, address: stored.address + chunk.lowerBound, byteCount: chunk.count)
    add(.copy(from: source, to: constants(of: layer, block: block, chunk)), layer: layer)
  }
}
