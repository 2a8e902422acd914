/// Where blocks of memory lie that are needed at different times, so that those in use together do not overlap.
public struct MemoryPlan: Sendable {
  /// A piece of memory that is in use during `life`, in steps of some order.
  public struct Block: Hashable, Sendable {
    /// Without the rounding up to the plan's alignment.
    public let byteCount: Int
    /// The steps during which the bytes must stay, the first and the last included.
    public let life: ClosedRange<Int>

    /// A block that needs a place from the first to the last step of `life`.
    public init(byteCount: Int, life: ClosedRange<Int>) {
      self.byteCount = byteCount
      self.life = life
    }
  }

  /// The offset of each block, in bytes, in the order of the blocks.
  public let offsets: [Int]
  /// The end of the highest block.
  public let byteCount: Int
  /// The most bytes in use at one time: no plan can be smaller.
  public let lowerBound: Int

  /// Places blocks from the largest down, each at the lowest offset where nothing is in its way.
  ///
  /// - Parameter alignment: offsets are multiples of it.
  /// - Complexity: O(n²) in the number of blocks, times log n.
  public init(_ blocks: [Block], alignment: Int) {
    let sizes = blocks.map { ($0.byteCount + alignment - 1) / alignment * alignment }
    var offsets = Array(repeating: 0, count: blocks.count)
    var placed: [Int] = []
    // Equal sizes go by start of life and then by position, so that plans are reproducible.
    let bySize = blocks.indices.sorted {
      (-sizes[$0], blocks[$0].life.lowerBound, $0) < (-sizes[$1], blocks[$1].life.lowerBound, $1)
    }
    for block in bySize {
      // From the lowest up, so that one walk finds the first gap that is large enough.
      let inTheWay = placed.filter { blocks[$0].life.overlaps(blocks[block].life) }
        .sorted { offsets[$0] < offsets[$1] }
      for other in inTheWay where offsets[other] < offsets[block] + sizes[block] {
        offsets[block] = max(offsets[block], offsets[other] + sizes[other])
      }
      placed.append(block)
    }
    self.offsets = offsets
    byteCount = blocks.indices.map { offsets[$0] + sizes[$0] }.max() ?? 0
    lowerBound = Self.peak(of: blocks, sizes)
  }

  private static func peak(of blocks: [Block], _ sizes: [Int]) -> Int {
    var changes: [Int: Int] = [:]
    for (block, size) in zip(blocks, sizes) {
      changes[block.life.lowerBound, default: 0] += size
      // The last step is within the life.
      changes[block.life.upperBound + 1, default: 0] -= size
    }
    var (live, peak) = (0, 0)
    for (_, change) in changes.sorted(by: { $0.key < $1.key }) {
      live += change
      peak = max(peak, live)
    }
    return peak
  }
}
