import Hardware

/// Finds what a command must wait for: whoever wrote what it reads, and whoever read or wrote what it overwrites.
///
/// Commands of one engine need not wait for each other: they run in order, and each sees what those before it did.
/// It looks at memory in granules, from the first to the last byte of a tile: it may find too much, never too little.
struct HazardTracker {
  private var memories: [Granules]

  private struct Granules {
    let granuleBytes: Int
    /// For each granule, the last command that wrote it and the last of each engine that read it; −1: none.
    var writers: [Int32]
    var readers: [SIMD8<Int32>]
  }

  init(_ byteCounts: [Int]) {
    memories = byteCounts.map { bytes in
      // The alignment of what lies in memory, so that neighbours are told apart, as long as that takes little time.
      let granuleBytes = bytes > 1 << 20 ? 64 : bytes > 1 << 18 ? 32 : 16
      let count = dividedUp(bytes, granuleBytes)
      return Granules(
        granuleBytes: granuleBytes, writers: Array(repeating: -1, count: count),
        readers: Array(repeating: SIMD8(repeating: -1), count: count))
    }
  }

  /// The dependencies of the command with this index, which then counts as reader and writer itself.
  ///
  /// - Parameter engines: the engine of each command before it.
  mutating func add(
    _ command: Int, _ action: Action, engines: borrowing [Engine]
  ) -> Dependencies {
    var dependencies = Dependencies()
    let own = action.engine
    for access in action.accesses where tracks(access) {
      let granules = range(of: access)
      for granule in granules {
        let writer = memories[access.memory].writers[granule]
        // A command with two results may be the last to have written the granule itself.
        if writer >= 0, writer != command, engines[Int(writer)] != own {
          dependencies.insert(Int(writer), on: engines[Int(writer)])
        }
        guard access.isWrite else { continue }
        let readers = memories[access.memory].readers[granule]
        for engine in Engine.allCases where engine != own && readers[engine.rawValue] >= 0 {
          dependencies.insert(Int(readers[engine.rawValue]), on: engine)
        }
      }
      note(command, own, access, granules)
    }
    return dependencies
  }

  /// Memory that nothing writes holds no hazards.
  private func tracks(_ access: Access) -> Bool {
    !access.hull.isEmpty && !memories[access.memory].writers.isEmpty
  }

  private mutating func note(
    _ command: Int, _ engine: Engine, _ access: Access, _ granules: Range<Int>
  ) {
    for granule in granules {
      if access.isWrite {
        memories[access.memory].writers[granule] = Int32(command)
      } else {
        memories[access.memory].readers[granule][engine.rawValue] = Int32(command)
      }
    }
  }

  private func range(of access: Access) -> Range<Int> {
    let bytes = memories[access.memory].granuleBytes
    return access.hull.lowerBound / bytes..<dividedUp(access.hull.upperBound, bytes)
  }
}
