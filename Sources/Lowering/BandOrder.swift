import GraphIR

/// The order in which layers of a group take turns: each computes a band of rows as soon as the next layer needs it, so
/// that of most values only some rows exist at a time.
struct BandOrder {
  /// Rows of blocks of one layer's result.
  struct Band {
    /// Its position among all layers.
    let layer: Int
    let rows: Range<Int>
  }

  private(set) var bands: [Band] = []
  /// For each layer of the group, how many rows of its result must be kept so that no row is overwritten that is
  /// still needed: a multiple of the height of its blocks, or all.
  private(set) var keptRows: [Int]

  /// How often each layer's turn comes again.
  private var turnCounts: [Double] = []
  private let group: Range<Int>
  private let members: [Member]
  /// The rows of its result that each layer has computed.
  private var done: [Int]

  /// A layer as one of a group.
  struct Member {
    let problem: TilingProblem
    let blockHeight: Int
    /// The members whose results it reads.
    let producers: [Int]
    /// The members that read its result.
    var readers: [Int] = []
    /// Whether others than members read its result, so that all of it must exist in the end.
    let isKept: Bool
  }

  /// - Parameters:
  ///   - group: the positions of the members among all layers.
  ///   - members: with the positions of others within the group.
  init(_ group: Range<Int>, _ members: [Member]) {
    self.group = group
    var members = members
    for (reader, member) in members.enumerated() {
      for producer in member.producers { members[producer].readers.append(reader) }
    }
    self.members = members
    done = members.map { _ in 0 }
    keptRows = members.map { $0.isKept || $0.readers.isEmpty ? $0.problem.result.height : 0 }
    for member in members.indices.reversed() where members[member].readers.isEmpty {
      produce(member, until: members[member].problem.result.height)
    }
    // Rows that nobody asks for, as behind a last window with a stride.
    for member in members.indices where members[member].isKept {
      produce(member, until: members[member].problem.result.height)
    }
    turnCounts = members.map { _ in -1 }
    for (number, band) in bands.enumerated()
    where number == 0 || bands[number - 1].layer != band.layer {
      turnCounts[band.layer - group.lowerBound] += 1
    }
    for member in members.indices {
      let height = members[member].blockHeight
      let whole = members[member].problem.result.height
      keptRows[member] = min(whole, (keptRows[member] + height - 1) / height * height)
    }
  }

  /// How often the layer's turn comes again after that of another.
  func turns(of layer: Int) -> Double { turnCounts[layer - group.lowerBound] }

  private mutating func produce(_ member: Int, until row: Int) {
    let height = members[member].problem.result.height
    while done[member] < row {
      let rows = done[member]..<min(height, done[member] + members[member].blockHeight)
      let needed = members[member].problem.inputRows(for: rows)
      for producer in members[member].producers { produce(producer, until: needed.upperBound) }
      bands.append(Band(layer: group.lowerBound + member, rows: rows))
      done[member] = rows.upperBound
      noteRows(member)
    }
  }

  /// Rows from the first that some reader still needs to the last that is computed.
  private mutating func noteRows(_ member: Int) {
    let first = members[member].readers.map { reader -> Int in
      let problem = members[reader].problem
      let next = done[reader]
      guard next < problem.result.height else { return done[member] }
      return problem.inputRows(for: next..<next + 1).lowerBound
    }.min()
    guard let first else { return }
    keptRows[member] = max(keptRows[member], done[member] - min(first, done[member]))
  }
}

extension TilingProblem {
  /// The rows of the input that rows of the result are computed from, without padding.
  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound * window.stride[0] - window.padBefore[0]
    let end = (rows.upperBound - 1) * window.stride[0] - window.padBefore[0] + window.span[0]
    let lower = min(max(0, first), input.height)
    return lower..<min(max(lower, end), input.height)
  }
}
