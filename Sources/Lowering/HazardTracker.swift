import Hardware

/// Finds what a command must wait for: whoever wrote what it reads, and whoever read or wrote what it overwrites.
///
/// Commands of one engine need not wait for each other: they run in order, and each sees what those before it did.
/// It looks at memory in granules, from the first to the last byte of a tile: it may find too much, never too little.
struct HazardTracker {
  private let memories: Memories
  private let engineCount = Engine.allCases.count

  init(_ byteCounts: [Int]) {
    memories = Memories(
      byteCounts.map { byteCount in
        // The alignment of what lies in memory, so that neighbours are told apart, as long as that takes little time.
        AccessHistory(byteCount, granuleBytes: byteCount > 1 << 21 ? 64 : 16)
      })
  }

  /// A class so that the last copy of a tracker gives memory back.
  private final class Memories {
    let histories: [AccessHistory]

    init(_ histories: [AccessHistory]) { self.histories = histories }
    deinit { histories.forEach { $0.deallocate() } }
  }

  /// The dependencies of the command with this index, which then counts as reader and writer itself.
  ///
  /// - Parameter engines: the engine of each command before it.
  func add(_ command: Int, _ action: Action, engines: borrowing [Engine]) -> Dependencies {
    var dependencies = Dependencies()
    let own = action.engine
    let number = Int32(command) + 1
    let accesses = action.accessList
    for position in 0..<accesses.count {
      let access = accesses[position]
      let memory = memories.histories[access.memory]
      let hull = access.hull
      // Memory that nothing writes holds no hazards.
      guard memory.granuleCount > 0, !hull.isEmpty else { continue }
      let granules = memory.granules(of: hull)
      addWriters(of: granules, in: memory, engines, besides: own, number, to: &dependencies)
      guard access.isWrite else {
        memory.noteRead(of: granules, by: number, on: own.rawValue)
        continue
      }
      addReaders(of: granules, in: memory, besides: own, to: &dependencies)
      memory.noteWrite(of: granules, by: number, on: own.rawValue)
    }
    return dependencies
  }

  private func addWriters(
    of granules: Range<Int>, in memory: AccessHistory, _ engines: borrowing [Engine],
    besides own: Engine, _ number: Int32, to dependencies: inout Dependencies
  ) {
    var granule = granules.lowerBound
    while granule < granules.upperBound {
      let writer = memory.writer(of: granule)
      granule = memory.firstOther(than: writer, in: granule..<granules.upperBound)
      // A command with two results may be the last to have written a granule itself.
      guard writer > 0, writer != number, engines[Int(writer) - 1] != own else { continue }
      dependencies.insert(Int(writer) - 1, on: engines[Int(writer) - 1])
    }
  }

  private func addReaders(
    of granules: Range<Int>, in memory: AccessHistory, besides own: Engine,
    to dependencies: inout Dependencies
  ) {
    for number in 0..<engineCount where number != own.rawValue {
      // Most engines read nothing behind what is waited for already.
      guard memory.lastRead(on: number) > dependencies.lastCommand(on: number) + 1 else { continue }
      let reader = memory.lastReader(of: granules, on: number)
      guard reader > 0, let engine = Engine(rawValue: number) else { continue }
      dependencies.insert(Int(reader) - 1, on: engine)
    }
  }
}
