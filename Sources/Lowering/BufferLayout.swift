import Hardware

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
