/// Constants on their way to the array.
extension Lowering {
  /// What is to know of each layer's constants to plan their staging.
  var layerConstants: [StagingPlan.LayerConstants] {
    let groups = schedule.groupOfLayer
    return layers.enumerated().map { index, layer in
      guard let stored = layer.constants, let tiling = layer.blocks?.tiling else {
        return .init(chunkBytes: [], slotBytes: 0, readCount: 0, group: groups[index])
      }
      return .init(
        chunkBytes: (0..<stored.blocks).map { stored.chunk($0).count },
        slotBytes: stored.slotBytes,
        readCount: tiling.blockCount / max(1, stored.blocks), group: groups[index])
    }
  }

  /// The slots for a layer's constants, and whether these have one for each block; nil if nothing is staged.
  private func slots(of layer: Int) -> (count: Int, holdAll: Bool)? {
    guard case .slots(let count, _) = staging[layer], let stored = layers[layer].constants else {
      return nil
    }
    return (count, count >= stored.blocks)
  }

  /// The slots that a layer's blocks in depth share; nil if each has its own, or none is staged.
  func sharedSlots(of layer: Int) -> Int? {
    guard let slots = slots(of: layer), !slots.holdAll else { return nil }
    return slots.count
  }

  /// Where the array and the output stage read the constants of a block in depth.
  ///
  /// - Parameter part: relative to the beginning of the layer's constants, within the block's.
  func constants(of layer: Int, block: Int, _ part: Range<Int>) -> Span {
    guard let stored = layers[layer].constants else {
      preconditionFailure("a layer with weights has constants")
    }
    guard let slots = slots(of: layer), let staged = addresses[.constants(layer)] else {
      return Span(
        memory: constantsMemory, address: stored.address + part.lowerBound, byteCount: part.count)
    }
    if slots.holdAll { return staged.part(at: part.lowerBound, part.count) }
    let slot = block % slots.count * stored.slotBytes
    return staged.part(at: slot + part.lowerBound - stored.chunk(block).lowerBound, part.count)
  }

  /// Emits the copies that may begin while a group of layers runs.
  mutating func stageConstants(during group: Range<Int>) {
    for layer in group.lowerBound..<layers.count {
      guard case .slots(let count, let start) = staging[layer], group.contains(start),
        let stored = layers[layer].constants
      else { continue }
      for block in 0..<min(count, stored.blocks) { stage(block, of: layer) }
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
