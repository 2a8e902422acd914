/// Looks for an order in which blocks, each placed as low as those before it allow, need little memory.
///
/// From the order at hand, the block that reaches highest changes places with one that was in its way, or with one of
/// those in the way of that; what needs no more memory than before is kept. Seeded, and so reproducible.
struct HillClimb {
  private(set) var offsets: [Int]
  private(set) var byteCount: Int
  private let sizes: [Int]
  private let neighbours: [[Int]]
  private var order: [Int]
  private var generator = SeededGenerator(seed: 1)

  /// - Parameters:
  ///   - sizes: multiples of the alignment.
  ///   - neighbours: for each block those that must not overlap it.
  ///   - order: to begin with.
  init(_ sizes: [Int], neighbours: [[Int]], order: [Int]) {
    self.sizes = sizes
    self.neighbours = neighbours
    self.order = order
    offsets = []
    byteCount = 0
    offsets = place(order)
    byteCount = end(offsets)
  }

  /// Tries other orders until the memory is as small as can be, or the attempts are used up.
  mutating func improve(until lowerBound: Int) {
    // So that large plans take no longer than tens of milliseconds.
    var attempts = min(600, 60_000 / max(1, sizes.count))
    while byteCount > lowerBound, attempts > 0 {
      attempts -= 1
      var changed = order
      change(&changed)
      let found = place(changed)
      let size = end(found)
      guard size <= byteCount else { continue }
      (order, offsets, byteCount) = (changed, found, size)
    }
  }

  private func end(_ offsets: [Int]) -> Int {
    offsets.indices.map { offsets[$0] + sizes[$0] }.max() ?? 0
  }

  private func place(_ order: [Int]) -> [Int] {
    var offsets = Array(repeating: -1, count: sizes.count)
    for block in order {
      // From the lowest up, so that one walk finds the first gap that is large enough.
      let placed = neighbours[block].filter { offsets[$0] >= 0 }.sorted {
        offsets[$0] < offsets[$1]
      }
      var offset = 0
      for other in placed where offsets[other] < offset + sizes[block] {
        offset = max(offset, offsets[other] + sizes[other])
      }
      offsets[block] = offset
    }
    return offsets
  }

  private mutating func change(_ order: inout [Int]) {
    let highest = order.indices.filter { offsets[order[$0]] + sizes[order[$0]] == byteCount }
    guard let top = highest.randomElement(using: &generator) else { return }
    var inTheWay = neighbours[order[top]]
    if let one = inTheWay.randomElement(using: &generator), generator.next() % 2 == 0 {
      inTheWay = neighbours[one]
    }
    guard let other = inTheWay.randomElement(using: &generator),
      let position = order.firstIndex(of: other)
    else { return }
    if generator.next() % 2 == 0 {
      order.swapAt(top, position)
    } else {
      order.insert(order.remove(at: max(top, position)), at: min(top, position))
    }
  }
}
