import Support
import Testing

struct WorkersTests {
  @Test(arguments: [1, 2, 3, 8], [0, 1, 7, 100])
  func partsCoverEachItemOnce(count: Int, items: Int) {
    let seen = Counts(items)
    Workers(count: count).split(items, grain: 3) { part in
      for item in part { seen.add(item) }
    }
    #expect(seen.all == Array(repeating: 1, count: items))
  }
}

/// How often each item was seen, in memory of its own, as parts are counted by several threads at once.
private final class Counts: @unchecked Sendable {
  private let memory: UnsafeMutableBufferPointer<Int>

  init(_ count: Int) {
    memory = .allocate(capacity: count)
    memory.initialize(repeating: 0)
  }

  deinit { memory.deallocate() }

  func add(_ item: Int) { memory[item] += 1 }

  var all: [Int] { Array(memory) }
}
