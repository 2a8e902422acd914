import Hardware

/// Constants on their way to the array.
extension Lowering {
  /// What is to know of each layer's constants to plan their staging.
  var layerConstants: [StagingPlan.LayerConstants] {
    let groups = schedule.groupOfLayer
    let cycles = layerCycles
    return layers.enumerated().map { index, layer in
      guard let stored = layer.constants, let tiling = layer.blocks?.tiling else {
        return .init(
          chunkBytes: [], parameterBytes: [], slotBytes: 0, readCount: 0, cycles: cycles[index],
          group: groups[index])
      }
      return .init(
        chunkBytes: (0..<stored.blocks).map { stored.chunk($0).count },
        parameterBytes: stagesParameters ? stored.parameters.map(\.count) : [],
        slotBytes: stored.slotBytes,
        readCount: tiling.blockCount / max(1, stored.blocks), cycles: cycles[index],
        group: groups[index])
    }
  }

  /// The least cycles for each byte that is copied from where constants are kept.
  var copyCyclesPerByte: Double {
    TargetDescription.Memory.Speed(target.memories[constantsMemory])
      .readCyclesPerByte(bytesInFlight: target.copies.bytesInFlight?.mover)
  }

  /// The slots for a layer's constants, and whether these have one for each block; nil if there are none.
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
    guard let offset = stagedOffset(of: part, block, stored, staging[layer]),
      let staged = addresses[.constants(layer)]
    else { return stored.span(of: part, in: constantsMemory) }
    return staged.part(at: offset, part.count)
  }

  /// Where a part of a block's constants lies among those of the layer that are copied; nil if it is not copied.
  private func stagedOffset(
    of part: Range<Int>, _ block: Int, _ stored: StoredConstants, _ staging: Staging
  ) -> Int? {
    switch staging {
    case .direct: return nil
    case .slots(let count, _):
      if count >= stored.blocks { return part.lowerBound }
      return block % count * stored.slotBytes + part.lowerBound - stored.chunk(block).lowerBound
    case .part(let count, _):
      if block < count { return part.lowerBound }
      guard stagesParameters, part == stored.parameters[block] else { return nil }
      let copied = count == 0 ? 0 : stored.chunk(count - 1).upperBound
      return stored.parameters[count..<block].reduce(copied) { $0 + $1.count }
    }
  }

  /// Emits the copies that may begin while a group of layers runs.
  mutating func stageConstants(during group: Range<Int>) {
    for layer in group.lowerBound..<layers.count {
      guard let stored = layers[layer].constants else { continue }
      switch staging[layer] {
      case .slots(let count, let start) where group.contains(start):
        for block in 0..<min(count, stored.blocks) { stage(block, of: layer) }
      case .part(let count, let start) where group.contains(start):
        for block in 0..<count { stage(block, of: layer) }
        guard stagesParameters else { continue }
        for block in count..<stored.blocks { copy(stored.parameters[block], block, of: layer) }
      case .slots, .part, .direct: continue
      }
    }
  }

  /// Copies the constants of a block in depth into the fast memory.
  mutating func stage(_ block: Int, of layer: Int) {
    guard let stored = layers[layer].constants, block < stored.blocks else { return }
    copy(stored.chunk(block), block, of: layer)
  }

  private mutating func copy(_ part: Range<Int>, _ block: Int, of layer: Int) {
    guard let source = layers[layer].constants?.span(of: part, in: constantsMemory) else { return }
    add(.copy(from: source, to: constants(of: layer, block: block, part)), layer: layer)
  }
}
