/// Looks for an order in which blocks, each placed as low as those before it allow, need little memory.
///
/// From the order at hand, the block that reaches highest changes places with one that was in its way, or with one of
/// those in the way of that; what needs no more memory than before is kept. Seeded, and so reproducible.
struct HillClimb {
  private(set) var offsets: [Int]
  private(set) var byteCount: Int
  private let sizes: [Int]
  /// Of all blocks in turn, and where those of each begin.
  private let neighbours: [Int]
  private let firstNeighbours: [Int]
  private var order: [Int]
  private var generator = SeededGenerator(seed: 1)

  /// - Parameters:
  ///   - sizes: multiples of the alignment.
  ///   - neighbours: for each block those that must not overlap it.
  ///   - order: to begin with.
  init(_ sizes: [Int], neighbours: [[Int]], order: [Int]) {
    self.sizes = sizes
    self.neighbours = neighbours.flatMap { $0 }
    firstNeighbours = neighbours.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    self.order = order
    offsets = Array(repeating: -1, count: sizes.count)
    byteCount = 0
    if let placed = place(order, from: 0, within: .max) { (offsets, byteCount) = placed }
  }

  /// Tries other orders until the memory is as small as can be, or the attempts are used up.
  mutating func improve(until lowerBound: Int) {
    // So that large plans take no longer than tens of milliseconds.
    var attempts = min(600, 60_000 / max(1, sizes.count))
    while byteCount > lowerBound, attempts > 0 {
      attempts -= 1
      var changed = order
      guard let first = change(&changed),
        let placed = place(changed, from: first, within: byteCount)
      else { continue }
      order = changed
      (offsets, byteCount) = placed
    }
  }

  /// Places blocks in an order that is the one at hand up to a position; nil if that takes more than `limit` bytes.
  private func place(
    _ order: [Int], from first: Int, within limit: Int
  ) -> (offsets: [Int], byteCount: Int)? {
    var offsets = offsets
    for block in order[first...] { offsets[block] = -1 }
    var byteCount = order[..<first].reduce(0) { max($0, offsets[$1] + sizes[$1]) }
    for block in order[first...] {
      let offset = firstGap(for: block, offsets)
      guard offset + sizes[block] <= limit else { return nil }
      offsets[block] = offset
      byteCount = max(byteCount, offset + sizes[block])
    }
    return (offsets, byteCount)
  }

  /// The lowest offset at which a block touches none of those that are placed: what is in the way pushes it up, until
  /// nothing is.
  private func firstGap(for block: Int, _ offsets: [Int]) -> Int {
    let others = firstNeighbours[block]..<firstNeighbours[block + 1]
    let size = sizes[block]
    var (offset, isPushed) = (0, true)
    while isPushed {
      isPushed = false
      for position in others {
        let other = neighbours[position]
        let end = offsets[other] + sizes[other]
        guard offsets[other] >= 0, offsets[other] < offset + size, end > offset else { continue }
        (offset, isPushed) = (end, true)
      }
    }
    return offset
  }

  private func neighbours(of block: Int) -> ArraySlice<Int> {
    neighbours[firstNeighbours[block]..<firstNeighbours[block + 1]]
  }

  /// Changes the order; the first position that is another, nil if none is.
  private mutating func change(_ order: inout [Int]) -> Int? {
    let highest = order.indices.filter { offsets[order[$0]] + sizes[order[$0]] == byteCount }
    guard let top = highest.randomElement(using: &generator) else { return nil }
    var inTheWay = neighbours(of: order[top])
    if let one = inTheWay.randomElement(using: &generator), generator.next() % 2 == 0 {
      inTheWay = neighbours(of: one)
    }
    guard let other = inTheWay.randomElement(using: &generator),
      let position = order.firstIndex(of: other)
    else { return nil }
    if generator.next() % 2 == 0 {
      order.swapAt(top, position)
    } else {
      order.insert(order.remove(at: max(top, position)), at: min(top, position))
    }
    return min(top, position)
  }
}
