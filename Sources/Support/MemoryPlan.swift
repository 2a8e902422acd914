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
  /// - Complexity: O(n · k log k), where k is the number of blocks that are in use together with one; n / 256 for each
  ///   block at least.
  public init(_ blocks: [Block], alignment: Int) {
    let sizes = blocks.map { ($0.byteCount + alignment - 1) / alignment * alignment }
    var offsets = Array(repeating: 0, count: blocks.count)
    var placed = PlacedBlocks(blocks)
    // Equal sizes go by start of life and then by position, so that plans are reproducible.
    let bySize = blocks.indices.sorted {
      (-sizes[$0], blocks[$0].life.lowerBound, $0) < (-sizes[$1], blocks[$1].life.lowerBound, $1)
    }
    for block in bySize {
      // From the lowest up, so that one walk finds the first gap that is large enough.
      let inTheWay = placed.overlapping(block).sorted { offsets[$0] < offsets[$1] }
      for other in inTheWay where offsets[other] < offsets[block] + sizes[block] {
        offsets[block] = max(offsets[block], offsets[other] + sizes[other])
      }
      placed.insert(block)
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

/// Blocks that have their place, in groups of those that begin to be in use at about the same time: most are in use for a
/// short time, so few groups can be in the way of another block.
private struct PlacedBlocks {
  private struct Group {
    var blocks: [Int] = []
    /// From the first to the last step in which one of them is in use.
    var life: ClosedRange<Int>?
  }

  private let blocks: [MemoryPlan.Block]
  private var groups: [Group]
  /// The group of each block.
  private let positions: [Int]

  init(_ blocks: [MemoryPlan.Block]) {
    self.blocks = blocks
    let byStart = blocks.indices.sorted {
      (blocks[$0].life.lowerBound, $0) < (blocks[$1].life.lowerBound, $1)
    }
    var positions = Array(repeating: 0, count: blocks.count)
    for (rank, block) in byStart.enumerated() { positions[block] = rank / 256 }
    self.positions = positions
    groups = Array(repeating: Group(), count: blocks.count / 256 + 1)
  }

  mutating func insert(_ block: Int) {
    let life = blocks[block].life
    let all = groups[positions[block]].life ?? life
    groups[positions[block]].life =
      min(all.lowerBound, life.lowerBound)...max(all.upperBound, life.upperBound)
    groups[positions[block]].blocks.append(block)
  }

  /// Those that are in use at some time together with a block.
  func overlapping(_ block: Int) -> [Int] {
    let life = blocks[block].life
    return groups.lazy.filter { $0.life?.overlaps(life) ?? false }
      .flatMap { $0.blocks.filter { blocks[$0].life.overlaps(life) } }
  }
}
