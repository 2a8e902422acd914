import Hardware

/// Chooses the block of the result for which a layer is estimated to be fastest among those that fit the buffer.
///
/// The estimate is that of a pipeline of reader, array and output stage: the slowest stage for every block, and
/// the others once. The timeline of the whole program is the simulator's affair.
struct BlockSearch {
  private let target: TargetDescription
  private let problem: TilingProblem
  private let ports: [TargetDescription.Memory.Speed]

  init(target: TargetDescription, problem: TilingProblem) {
    self.target = target
    self.problem = problem
    ports = target.memories.map(TargetDescription.Memory.Speed.init)
  }

  /// Where a layer's operands, result and weights are.
  struct Places: Hashable {
    /// The index of the memory that the input is in; of several operands, the slowest.
    let input: Int
    let result: Int
    let weightBytesPerCycle: Double
    /// What a byte of input counts, before cycles do.
    var byteCost = 0.0
  }

  /// A way to cut a layer into blocks, and what it is estimated to cost.
  struct Choice {
    let tiling: Tiling
    let cycles: Double
    /// Cycles for which the engine waits when other layers had their turn: until their results are there, and the first
    /// block of the input.
    var turnCycles = 0.0
    /// Bytes of input that are read, those that several blocks need counted for each.
    let readBytes: Int
    /// The cycles for which memories are busy with these, and with the constants that each block reads.
    let readCycles: Double
  }

  /// The best choice; nil if no block fits the buffer.
  ///
  /// The estimate is not exact to a few hundredths, so among blocks as good as that the one wins whose input and
  /// constants keep memories busy for the least time, and then the largest.
  ///
  /// - Parameter heights: that blocks may have, in rows of the result.
  func best(_ places: Places, heights: ClosedRange<Int> = 0...Int.max) -> Choice? {
    let blocks = candidates(heights)
    // Where pieces are larger than the result, only what lies inside of it has to fit.
    var found = best(places, among: blocks) ?? best(places, among: blocks.map(withoutMargins))
    // Only those that take turns with others are asked for it, and their blocks are of one height.
    if heights.lowerBound > 0, let tiling = found?.tiling {
      found?.turnCycles = turnCycles(tiling, places)
    }
    return found
  }

  private func best(_ places: Places, among blocks: [TargetDescription.Block]) -> Choice? {
    var found: [Choice] = []
    var fastest = Double.infinity
    // From the largest blocks down, which are mostly the best, so that of the others little has to be known.
    for mode in modes.reversed() {
      for block in blocks.reversed() {
        guard let layout = BufferLayout(problem, block, mode, target) else { continue }
        let cycles = cycles(block, mode, layout, places)
        guard places.byteCost > 0 || cycles <= Self.tolerance * fastest else { continue }
        fastest = min(fastest, cycles)
        let tiling = Tiling(
          block: block, mode: mode, inputDepth: layout.inputDepth, blockCount: count(block),
          stagesConstants: false)
        let readBytes = trafficBytes(block, layout) * problem.operandCount
        found.append(
          Choice(
            tiling: tiling, cycles: cycles, readBytes: readBytes,
            readCycles: Double(readBytes) / ports[places.input].bytesPerCycle
              + Double(constantBytes(block)) / places.weightBytesPerCycle))
      }
    }
    if places.byteCost > 0, let bytes = found.map(\.readBytes).min() {
      found.removeAll { $0.readBytes > bytes }
    }
    guard let least = found.map(\.cycles).min() else { return nil }
    return found.reversed().filter { $0.cycles <= Self.tolerance * least }
      .min { ($0.readCycles, $0.tiling.blockCount) < ($1.readCycles, $1.tiling.blockCount) }
  }

  /// Estimates that differ by no more are as good.
  private static var tolerance: Double { 1.02 }

  private var modes: [ArrayMode?] {
    switch problem.kind {
    case .dense: [.depthFirst, .kernelFirst]
    case .depthwise: [.depthwise]
    case .pool, .add: [nil]
    }
  }

  private func candidates(_ asked: ClosedRange<Int>) -> [TargetDescription.Block] {
    let unit = target.array.pieces(modes[0])[0]
    let limit = target.array.maximumBlock
    var heights = extents(problem.result.height, unit.height, limit.height).filter(asked.contains)
    if heights.isEmpty, asked.lowerBound > 0 { heights = [asked.lowerBound] }
    let widths = extents(problem.result.width, unit.width, limit.width)
    let depths = extents(problem.result.depth, unit.depth, limit.depth)
    return heights.flatMap { height in
      widths.flatMap { width in
        depths.map { TargetDescription.Block(height: height, width: width, depth: $0) }
      }
    }
  }

  /// An extent cut into 1, 2, 3 … equal parts, each rounded up to whole units.
  private func extents(_ extent: Int, _ unit: Int, _ limit: Int) -> [Int] {
    let parts = Array(1...12) + [16, 24, 32, 48, 64]
    let cut = parts.map { dividedUp(dividedUp(extent, $0), unit) * unit }
    let sorted = (cut.filter { $0 <= limit } + [unit]).sorted()
    return zip(sorted, [-1] + sorted).filter { $0 != $1 }.map(\.0)
  }

  private func count(_ block: TargetDescription.Block) -> Int {
    problem.batches * dividedUp(problem.result.height, block.height)
      * dividedUp(problem.result.width, block.width) * dividedUp(problem.result.depth, block.depth)
  }

  /// The block without rows and columns beyond the result.
  private func withoutMargins(_ block: TargetDescription.Block) -> TargetDescription.Block {
    let inside = clipped(block)
    return TargetDescription.Block(
      height: inside.height, width: inside.width, depth: block.depth)
  }

  /// The part of the block that lies inside the result.
  private func clipped(_ block: TargetDescription.Block) -> TargetDescription.Block {
    TargetDescription.Block(
      height: min(block.height, problem.result.height),
      width: min(block.width, problem.result.width), depth: min(block.depth, problem.result.depth))
  }

  private func cycles(
    _ block: TargetDescription.Block, _ mode: ArrayMode?, _ layout: BufferLayout, _ places: Places
  ) -> Double {
    let inside = clipped(block)
    let (source, sink) = (ports[places.input], ports[places.result])
    let slices = problem.readsDepthwise ? 1 : dividedUp(problem.input.depth, layout.inputDepth)
    let loads = layout.holdsWholeDepth ? 1 : slices
    let readBytes = inputBusyBytes(inside, layout, source) * problem.operandCount
    let bytesInFlight = target.copies.bytesInFlight?.reader
    let read = Double(readBytes) * source.readCyclesPerByte(bytesInFlight: bytesInFlight)
    let writtenBytes = Double(Self.busyBytes(inside, of: problem.result, sink))
    let (array, weights) = arrayStage(
      inside, mode, layout, places.weightBytesPerCycle, slices)
    let output = max(Double(outputCycles(inside)), writtenBytes * sink.writeCyclesPerByte)
    // An input block is read while the engine works on the one before, and must be there before it can go on.
    let latency = source.readLatency(bytes: readBytes, bytesInFlight: bytesInFlight)
    let work = mode == nil ? output : array / Double(loads)
    let isShared = places.input == places.result
    let written = writtenBytes / sink.bytesPerCycle
    // Without the array, the output stage writes while the next block is read.
    let sharing = mode == nil && isShared ? written : 0
    let turn = Double(loads) * (read + sharing + latency + work) / 2
    let reads = Double(slices) * read
    let portReads = Double(slices * readBytes) / source.bytesPerCycle
    let port = isShared ? portReads + written + weights : portReads
    let slowest = max(max(reads, array), max(turn, output), port)
    return slowest * Double(count(block)) + read + array + output
  }

  private func turnCycles(_ tiling: Tiling, _ places: Places) -> Double {
    guard let layout = BufferLayout(problem, tiling.block, tiling.mode, target) else { return 0 }
    let inside = clipped(tiling.block)
    let (source, sink) = (ports[places.input], ports[places.result])
    let bytes = inputBusyBytes(inside, layout, source) * problem.operandCount
    let latencies = Double(source.readLatencyCycles + sink.writeLatencyCycles)
    return Double(bytes) / source.bytesPerCycle + latencies + Double(outputCycles(inside))
  }

  private func arrayStage(
    _ block: TargetDescription.Block, _ mode: ArrayMode?, _ layout: BufferLayout,
    _ weightBytesPerCycle: Double, _ slices: Int
  ) -> (cycles: Double, weightCycles: Double) {
    guard let mode else { return (0, 0) }
    let channels = mode == .depthwise ? block.depth : layout.inputDepth
    let cycles = target.array.cycles(
      block: block, kernel: problem.window.kernel, channels: channels, mode)
    let depth = mode == .depthwise ? 1 : problem.input.depth
    let weightBytes = block.depth * problem.window.kernel.product * depth
    let weightCycles = Double(weightBytes) / weightBytesPerCycle
    return (max(Double(cycles * slices), weightCycles), weightCycles)
  }

  private func outputCycles(_ block: TargetDescription.Block) -> Int {
    let elements = block.height * block.width * block.depth
    switch problem.kind {
    case .dense, .depthwise:
      return target.rescaleCycles(elements: elements, hasActivation: problem.hasActivation)
    case .pool(let isMaximum):
      return target.poolCycles(
        block: block, kernel: problem.window.kernel, isMaximum: isMaximum)
    case .add: return target.addCycles(elements: elements)
    }
  }

  private func trafficBytes(_ block: TargetDescription.Block, _ layout: BufferLayout) -> Int {
    let slices = problem.readsDepthwise ? 1 : dividedUp(problem.input.depth, layout.inputDepth)
    return layout.inputArea(clipped(block), problem).byteCount * slices * count(block)
  }

  /// The weights and parameters that all blocks read.
  private func constantBytes(_ block: TargetDescription.Block) -> Int {
    guard problem.needsArray else { return 0 }
    let depth = problem.readsDepthwise ? 1 : problem.input.depth
    let bytes =
      problem.result.depth
      * (problem.window.kernel.product * depth + ChannelParameters.byteCount(.fixedPoint))
    return bytes * (count(block) / dividedUp(problem.result.depth, block.depth))
  }

  private func inputBusyBytes(
    _ block: TargetDescription.Block, _ layout: BufferLayout, _ port: TargetDescription.Memory.Speed
  ) -> Int {
    Self.busyBytes(layout.inputArea(block, problem), of: problem.input, port)
  }

  /// The bytes that a memory is busy with for a part of an image: whole bursts.
  private static func busyBytes(
    _ part: TargetDescription.Block, of image: TargetDescription.Block,
    _ port: TargetDescription.Memory.Speed
  ) -> Int {
    let tile = Tile(
      memory: 0, address: 0, height: part.height, width: part.width, channels: part.depth,
      rowStride: image.width * image.depth, pixelStride: image.depth)
    return tile.runs.count * dividedUp(tile.runs.byteCount, port.burstBytes) * port.burstBytes
  }
}

/// Where input blocks and accumulators lie in the buffer, two of each.
struct BufferLayout {
  let inputDepth: Int
  /// Whether an input block holds all input channels, as it does where it is a single pixel and there is room.
  let holdsWholeDepth: Bool
  private let inputSize: Int
  private let accumulatorStart: Int
  private let accumulatorSize: Int

  /// Where one of the two input blocks (of each operand) begins.
  func inputOffset(_ block: Int) -> Int { block * inputSize }

  /// Where one of the two blocks of accumulators begins.
  func accumulatorOffset(_ block: Int) -> Int { accumulatorStart + block * accumulatorSize }

  /// Nil if the blocks do not fit.
  init?(
    _ problem: TilingProblem, _ block: TargetDescription.Block, _ mode: ArrayMode?,
    _ target: borrowing TargetDescription
  ) {
    let bankBytes = target.buffer.bankBytes
    inputDepth =
      mode.map { target.array.inputDepth($0, channels: problem.input.depth) } ?? block.depth
    let extents = problem.inputExtents(block)
    let unit = target.array.inputGranule ?? target.array.microBlock.depth
    let inputs = 2 * problem.operandCount
    let usesAccumulators = problem.kind != .add
    accumulatorSize = usesAccumulators ? 4 * block.height * block.width * block.depth : 0
    let accumulatorBanks = Self.banks(
      2 * accumulatorSize, bankBytes, granule: target.buffer.accumulatorGranuleBanks)
    let available = min(
      target.buffer.inputBanks ?? .max,
      target.buffer.banks - target.buffer.reservedBanks - accumulatorBanks)
    let granule = target.buffer.inputGranuleBanks
    /// The banks for blocks of so many pixels and channels; nil if there are not enough.
    func banks(pixels: Int, depth: Int) -> (count: Int, blockBytes: Int)? {
      let bytes = pixels * dividedUp(depth, unit) * unit
      let size = dividedUp(bytes, 64) * 64
      let count = Self.banks(inputs * size, bankBytes, granule: granule)
      return count <= available ? (count, size) : nil
    }
    guard accumulatorBanks <= target.buffer.accumulatorBanks ?? .max else { return nil }
    let whole = problem.isPixel ? banks(pixels: 1, depth: problem.input.depth) : nil
    holdsWholeDepth = whole != nil
    let depth = problem.readsDepthwise ? block.depth : inputDepth
    guard
      let (inputBanks, blockBytes) = whole
        ?? banks(pixels: extents.height * extents.width, depth: depth)
    else { return nil }
    inputSize = blockBytes
    accumulatorStart = inputBanks * bankBytes
  }

  /// The part of the input that a block of the result needs, without padding.
  func inputArea(
    _ block: TargetDescription.Block, _ problem: TilingProblem
  ) -> TargetDescription.Block {
    let extents = problem.inputExtents(block)
    return TargetDescription.Block(
      height: min(extents.height, problem.input.height),
      width: min(extents.width, problem.input.width),
      depth: min(problem.readsDepthwise ? block.depth : inputDepth, problem.input.depth))
  }

  private static func banks(_ bytes: Int, _ bankBytes: Int, granule: Int) -> Int {
    dividedUp(dividedUp(bytes, bankBytes), granule) * granule
  }
}
