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
    var placed: [Range<Int>] = []
    placed.reserveCapacity(order.count)
    for block in order[first...] {
      placed.removeAll(keepingCapacity: true)
      for other in neighbours[block] where offsets[other] >= 0 {
        placed.append(offsets[other]..<offsets[other] + sizes[other])
      }
      let offset = firstGap(of: sizes[block], among: &placed)
      guard offset + sizes[block] <= limit else { return nil }
      offsets[block] = offset
      byteCount = max(byteCount, offset + sizes[block])
    }
    return (offsets, byteCount)
  }

  /// The lowest offset at which so many bytes touch no other.
  private func firstGap(of size: Int, among others: inout [Range<Int>]) -> Int {
    // From the lowest up, so that one walk finds the first gap that is large enough.
    others.sort { $0.lowerBound < $1.lowerBound }
    var offset = 0
    for other in others {
      guard other.lowerBound < offset + size else { break }
      offset = max(offset, other.upperBound)
    }
    return offset
  }

  /// Changes the order; the first position that is another, nil if none is.
  private mutating func change(_ order: inout [Int]) -> Int? {
    let highest = order.indices.filter { offsets[order[$0]] + sizes[order[$0]] == byteCount }
    guard let top = highest.randomElement(using: &generator) else { return nil }
    var inTheWay = neighbours[order[top]]
    if let one = inTheWay.randomElement(using: &generator), generator.next() % 2 == 0 {
      inTheWay = neighbours[one]
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
