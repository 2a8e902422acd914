/// Bytes that a command reads or writes.
public struct Access: Hashable, Sendable {
  public let memory: Int
  /// The runs of bytes within the hull: their number, length and distance; rows of runs lie `rowStride` apart.
  public let tile: Tile
  public let isWrite: Bool

  init(_ tile: Tile, isWrite: Bool) {
    memory = tile.memory
    self.tile = tile
    self.isWrite = isWrite
  }

  init(_ span: Span, isWrite: Bool) {
    self.init(
      Tile(
        memory: span.memory, address: span.address, height: 1, width: 1, channels: span.byteCount,
        rowStride: span.byteCount, pixelStride: span.byteCount),
      isWrite: isWrite)
  }

  /// From the first to the last byte.
  public var hull: Range<Int> { tile.hull }

  fileprivate static var none: Access { .read(Span(memory: 0, address: 0, byteCount: 0)) }

  static func read(_ span: Span) -> Access { Access(span, isWrite: false) }
  static func read(_ tile: Tile) -> Access { Access(tile, isWrite: false) }
  static func write(_ span: Span) -> Access { Access(span, isWrite: true) }
  static func write(_ tile: Tile) -> Access { Access(tile, isWrite: true) }

  /// Calls `body` with each run of consecutive bytes.
  public func forEachRun(_ body: (Range<Int>) -> Void) {
    _ = firstOfRuns { run -> Never? in
      body(run)
      return nil
    }
  }

  /// What `find` gives for the first run of consecutive bytes for which it gives anything.
  @inline(__always)
  func firstOfRuns<Found>(_ find: (Range<Int>) -> Found?) -> Found? {
    let grid = runGrid
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let start = tile.address + row * tile.rowStride + column * tile.pixelStride
        if let found = find(start..<start + grid.byteCount) { return found }
      }
    }
    return nil
  }

  /// The runs of consecutive bytes: rows of runs, `rowStride` apart, of so many each, `pixelStride` apart.
  var runGrid: (rows: Int, columns: Int, byteCount: Int) {
    // Of a tile that lies in the padding alone, rows are left that have no width.
    guard tile.byteCount > 0 else { return (0, 0, 0) }
    let runs = tile.runs
    if runs.count == 1 { return (1, 1, runs.byteCount) }
    return (tile.height, runs.count == tile.height ? 1 : tile.width, runs.byteCount)
  }
}

/// Everything that a command reads, and then what it writes. Only calls to the host need memory for it, so that walks
/// over all commands of a program do not spend more on lists than on what they look for.
package struct AccessList {
  package private(set) var count = 0
  private var first = Access.none
  private var second = Access.none
  private var third = Access.none
  private var fourth = Access.none
  private var others: [Access] = []

  /// The access at a position below `count`.
  package subscript(position: Int) -> Access {
    switch position {
    case 0: first
    case 1: second
    case 2: third
    case 3: fourth
    default: others[position - 4]
    }
  }

  fileprivate mutating func append(_ access: Access) {
    switch count {
    case 0: first = access
    case 1: second = access
    case 2: third = access
    case 3: fourth = access
    default: others.append(access)
    }
    count += 1
  }
}

extension Action {
  /// Everything that the command reads, and then what it writes.
  public var accesses: [Access] {
    let list = accessList
    return (0..<list.count).map { list[$0] }
  }

  /// Calls `body` with each of `accesses`.
  public func forEachAccess(_ body: (Access) -> Void) {
    let list = accessList
    for position in 0..<list.count { body(list[position]) }
  }

  /// The same as `accesses`.
  package var accessList: AccessList {
    var list = AccessList()
    switch self {
    case .copy(let from, let to):
      list.append(.read(from))
      list.append(.write(to))
    case .load(let load):
      list.append(.read(load.tile))
      list.append(.write(load.block))
    case .convolve(let convolve):
      list.append(.read(convolve.input))
      list.append(.read(convolve.weights))
      // Accumulators are read too unless they start from zero; the write stands for both.
      if !convolve.isFirst { list.append(.read(convolve.accumulators)) }
      list.append(.write(convolve.accumulators))
    case .rescale(let rescale):
      list.append(.read(rescale.accumulators))
      list.append(.read(rescale.parameters))
      list.append(.write(rescale.result))
    case .pool(let pool):
      list.append(.read(pool.input))
      list.append(.write(pool.result))
    case .add(let add):
      list.append(.read(add.first))
      list.append(.read(add.second))
      list.append(.write(add.result))
    case .softmax(let softmax):
      list.append(.read(softmax.input))
      list.append(.write(softmax.result))
    case .callHost(let call):
      for operand in call.operands { list.append(.read(operand)) }
      for result in call.results { list.append(.write(result)) }
    }
    return list
  }
}
