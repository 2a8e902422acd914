import Hardware

/// Finds what a command must wait for: whoever wrote what it reads, and whoever read or wrote what it overwrites.
///
/// Commands of one engine need not wait for each other: they run in order, and each sees what those before it did.
/// It looks at memory in granules, from the first to the last byte of a tile: it may find too much, never too little.
struct HazardTracker {
  private let memories: [AccessHistory]

  init(_ byteCounts: [Int]) {
    memories = byteCounts.map { byteCount in
      // The alignment of what lies in memory, so that neighbours are told apart, as long as that takes little time.
      AccessHistory(byteCount, granuleBytes: byteCount > 1 << 21 ? 64 : 16)
    }
  }

  /// The dependencies of the command with this index, which then counts as reader and writer itself.
  ///
  /// - Parameter engines: the engine of each command before it.
  func add(_ command: Int, _ action: Action, engines: borrowing [Engine]) -> Dependencies {
    var dependencies = Dependencies()
    let own = action.engine
    let number = Int32(command) + 1
    action.forEachAccess { access in
      let memory = memories[access.memory]
      // Memory that nothing writes holds no hazards.
      guard memory.granuleCount > 0, !access.hull.isEmpty else { return }
      let granules = memory.granules(of: access.hull)
      memory.forEachWriter(of: granules) { writer in
        // A command with two results may be the last to have written a granule itself.
        guard writer > 0, writer != number, engines[Int(writer) - 1] != own else { return }
        dependencies.insert(Int(writer) - 1, on: engines[Int(writer) - 1])
      }
      guard access.isWrite else {
        return memory.noteRead(of: granules, by: number, on: own.rawValue)
      }
      for engine in Engine.allCases where engine != own {
        let reader = memory.lastReader(of: granules, on: engine.rawValue)
        if reader > 0 { dependencies.insert(Int(reader) - 1, on: engine) }
      }
      memory.noteWrite(of: granules, by: number)
    }
    return dependencies
  }
}
