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
    let rows: RowWindow
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
    keptRows = members.map { $0.isKept || $0.readers.isEmpty ? $0.rows.resultHeight : 0 }
    for member in members.indices.reversed() where members[member].readers.isEmpty {
      produce(member, until: members[member].rows.resultHeight)
    }
    // Rows that nobody asks for, as behind a last window with a stride.
    for member in members.indices where members[member].isKept {
      produce(member, until: members[member].rows.resultHeight)
    }
    turnCounts = members.map { _ in -1 }
    for (number, band) in bands.enumerated()
    where number == 0 || bands[number - 1].layer != band.layer {
      turnCounts[band.layer - group.lowerBound] += 1
    }
    for member in members.indices {
      let height = members[member].blockHeight
      let whole = members[member].rows.resultHeight
      keptRows[member] = min(whole, (keptRows[member] + height - 1) / height * height)
    }
  }

  /// Whether each layer has a turn: not if others need nothing of it but padding.
  var hasAllLayers: Bool { turnCounts.allSatisfy { $0 >= 0 } }

  /// How often the layer's turn comes again after that of another.
  func turns(of layer: Int) -> Double { turnCounts[layer - group.lowerBound] }

  private mutating func produce(_ member: Int, until row: Int) {
    let window = members[member].rows
    while done[member] < row {
      let end = min(window.resultHeight, done[member] + members[member].blockHeight)
      let rows = done[member]..<end
      let needed = window.inputRows(for: rows)
      for position in members[member].producers.indices {
        produce(members[member].producers[position], until: needed.upperBound)
      }
      bands.append(Band(layer: group.lowerBound + member, rows: rows))
      done[member] = rows.upperBound
      noteRows(member)
    }
  }

  /// Rows from the first that some reader still needs to the last that is computed.
  private mutating func noteRows(_ member: Int) {
    var first = done[member]
    for reader in members[member].readers {
      let (window, next) = (members[reader].rows, done[reader])
      guard next < window.resultHeight else { continue }
      first = min(first, window.inputRows(for: next..<next + 1).lowerBound)
    }
    keptRows[member] = max(keptRows[member], done[member] - first)
  }
}

/// The rows of a layer, and from which of its input's they are computed.
struct RowWindow {
  let resultHeight: Int
  private let inputHeight: Int
  private let stride: Int
  private let padBefore: Int
  private let span: Int

  init(_ problem: TilingProblem) {
    resultHeight = problem.result.height
    inputHeight = problem.input.height
    stride = problem.window.stride[0]
    padBefore = problem.window.padBefore[0]
    span = problem.window.span[0]
  }

  /// The rows of the input that rows of the result are computed from, without padding.
  func inputRows(for rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound * stride - padBefore
    let end = (rows.upperBound - 1) * stride - padBefore + span
    let lower = min(max(0, first), inputHeight)
    return lower..<min(max(lower, end), inputHeight)
  }
}
