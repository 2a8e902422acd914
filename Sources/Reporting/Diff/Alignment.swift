/// Pairs the elements of two sequences in their order.
enum Alignment {
  /// Longer sequences are cut into parts of at most this length, so that time and memory stay bounded.
  private static let partLength = 1500

  /// The pairs, in order, whose scores add up to the most (Needleman and Wunsch 1970, without cost for gaps).
  ///
  /// - Parameter score: of two elements; those with 0 or less are never paired.
  /// - Complexity: O(a · b) for sequences up to `partLength`, O(a + b) parts of that beyond.
  static func pairs(_ a: Int, _ b: Int, score: (Int, Int) -> Int) -> [(Int, Int)] {
    let parts = max(1, (max(a, b) + partLength - 1) / partLength)
    return (0..<parts).flatMap { part in
      pairs(
        a * part / parts..<a * (part + 1) / parts, b * part / parts..<b * (part + 1) / parts, score)
    }
  }

  private static func pairs(
    _ a: Range<Int>, _ b: Range<Int>, _ score: (Int, Int) -> Int
  ) -> [(Int, Int)] {
    guard !a.isEmpty, !b.isEmpty else { return [] }
    let width = b.count + 1
    // The best sums for what stands behind each pair of positions.
    var best = Array(repeating: Int32(0), count: (a.count + 1) * width)
    var scores = Array(repeating: Int32(0), count: a.count * width)
    for i in (0..<a.count).reversed() {
      for j in (0..<b.count).reversed() {
        let value = Int32(max(0, score(a.lowerBound + i, b.lowerBound + j)))
        scores[i * width + j] = value
        let skipped = max(best[(i + 1) * width + j], best[i * width + j + 1])
        let paired = value > 0 ? best[(i + 1) * width + j + 1] + value : 0
        best[i * width + j] = max(skipped, paired)
      }
    }
    return walk(a, b, best, scores)
  }

  /// From the front: of equally good pairings the one that pairs earliest.
  private static func walk(
    _ a: Range<Int>, _ b: Range<Int>, _ best: [Int32], _ scores: [Int32]
  ) -> [(Int, Int)] {
    let width = b.count + 1
    var pairs: [(Int, Int)] = []
    var (i, j) = (0, 0)
    while i < a.count, j < b.count {
      let value = scores[i * width + j]
      if value > 0, best[i * width + j] == best[(i + 1) * width + j + 1] + value {
        pairs.append((a.lowerBound + i, b.lowerBound + j))
        (i, j) = (i + 1, j + 1)
      } else if best[i * width + j] == best[(i + 1) * width + j] {
        i += 1
      } else {
        j += 1
      }
    }
    return pairs
  }

  /// The positions in `numbers` that do not belong to a longest increasing subsequence: those that were moved.
  static func outOfOrder(_ numbers: [Int]) -> Set<Int> {
    var tails: [Int] = []
    var previous = Array(repeating: -1, count: numbers.count)
    for (position, number) in numbers.enumerated() {
      let place = tails.partitioningIndex { numbers[$0] >= number }
      previous[position] = place > 0 ? tails[place - 1] : -1
      if place == tails.count { tails.append(position) } else { tails[place] = position }
    }
    var moved = Set(numbers.indices)
    var position = tails.last ?? -1
    while position >= 0 {
      moved.remove(position)
      position = previous[position]
    }
    return moved
  }
}

extension Array {
  /// The first index whose element satisfies `belongs`, which holds for none before and all behind it.
  fileprivate func partitioningIndex(where belongs: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if belongs(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
