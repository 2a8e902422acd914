import Hardware

/// Finds what a command must wait for: whoever wrote what it reads, and whoever read or wrote what it overwrites.
///
/// Commands of one engine need not wait for each other: they run in order, and each sees what those before it did.
/// It looks at memory in granules, from the first to the last byte of a tile: it may find too much, never too little.
struct HazardTracker {
  private let memories: [Granules]

  init(_ byteCounts: [Int]) { memories = byteCounts.map(Granules.init) }

  /// The dependencies of the command with this index, which then counts as reader and writer itself.
  ///
  /// - Parameter engines: the engine of each command before it.
  func add(_ command: Int, _ action: Action, engines: borrowing [Engine]) -> Dependencies {
    var dependencies = Dependencies()
    let own = action.engine
    for access in action.accesses {
      let memory = memories[access.memory]
      // Memory that nothing writes holds no hazards.
      guard memory.count > 0, !access.hull.isEmpty else { continue }
      let granules = memory.granules(of: access.hull)
      // Most granules of a tile were written by one command.
      var last = Int32(command)
      for granule in granules where memory.writers[granule] != last {
        last = memory.writers[granule]
        // A command with two results may be the last to have written the granule itself.
        if last >= 0, last != command, engines[Int(last)] != own {
          dependencies.insert(Int(last), on: engines[Int(last)])
        }
      }
      if access.isWrite {
        let readers = memory.lastReaders(granules)
        for engine in Engine.allCases where engine != own && readers[engine.rawValue] >= 0 {
          dependencies.insert(Int(readers[engine.rawValue]), on: engine)
        }
        (memory.writers + granules.lowerBound).update(
          repeating: Int32(command), count: granules.count)
      } else {
        for granule in granules { memory.readers[granule][own.rawValue] = Int32(command) }
      }
    }
    return dependencies
  }
}

/// For each granule of a memory, the last command that wrote it and the last of each engine that read it; −1: none.
///
/// A class because it owns plain memory: programs touch millions of bytes.
private final class Granules {
  let writers: UnsafeMutablePointer<Int32>
  let readers: UnsafeMutablePointer<SIMD8<Int32>>
  let count: Int
  private let granuleBytes: Int

  init(_ byteCount: Int) {
    // The alignment of what lies in memory, so that neighbours are told apart, as long as that takes little time.
    granuleBytes = byteCount > 1 << 21 ? 64 : 16
    count = dividedUp(byteCount, granuleBytes)
    writers = .allocate(capacity: count)
    writers.initialize(repeating: -1, count: count)
    readers = .allocate(capacity: count)
    readers.initialize(repeating: SIMD8(repeating: -1), count: count)
  }

  deinit {
    writers.deallocate()
    readers.deallocate()
  }

  func granules(of bytes: Range<Int>) -> Range<Int> {
    bytes.lowerBound / granuleBytes..<dividedUp(bytes.upperBound, granuleBytes)
  }

  func lastReaders(_ granules: Range<Int>) -> SIMD8<Int32> {
    var last = SIMD8<Int32>(repeating: -1)
    for granule in granules { last = pointwiseMax(last, readers[granule]) }
    return last
  }
}
