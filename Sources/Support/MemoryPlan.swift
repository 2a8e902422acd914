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

  /// Places blocks one after the other, each at the lowest offset where nothing is in its way: from the largest down,
  /// and where that needs more than the lower bound, in other orders, of which the best counts.
  ///
  /// - Parameters:
  ///   - alignment: offsets are multiples of it.
  ///   - isTight: whether other orders are tried.
  /// - Complexity: O(n · k log k) for each order, where k is the number of blocks that are in use together with one;
  ///   the number of orders falls with n.
  public init(_ blocks: [Block], alignment: Int, isTight: Bool = false) {
    let sizes = blocks.map { ($0.byteCount + alignment - 1) / alignment * alignment }
    // Equal sizes go by start of life and then by position, so that plans are reproducible.
    let bySize = blocks.indices.sorted {
      (-sizes[$0], blocks[$0].life.lowerBound, $0) < (-sizes[$1], blocks[$1].life.lowerBound, $1)
    }
    lowerBound = Self.peak(of: blocks, sizes)
    var climb = HillClimb(sizes, neighbours: Self.neighbours(blocks), order: bySize)
    if isTight { climb.improve(until: lowerBound) }
    offsets = climb.offsets
    byteCount = climb.byteCount
  }

  /// For each block, those that are in use at some time together with it.
  private static func neighbours(_ blocks: [Block]) -> [[Int]] {
    var neighbours = blocks.map { _ in [Int]() }
    var open: [Int] = []
    let byStart = blocks.indices.sorted {
      (blocks[$0].life.lowerBound, $0) < (blocks[$1].life.lowerBound, $1)
    }
    for block in byStart {
      open.removeAll { blocks[$0].life.upperBound < blocks[block].life.lowerBound }
      for other in open {
        neighbours[other].append(block)
        neighbours[block].append(other)
      }
      open.append(block)
    }
    return neighbours
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
