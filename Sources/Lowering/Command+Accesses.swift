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

  static func read(_ span: Span) -> Access { Access(span, isWrite: false) }
  static func read(_ tile: Tile) -> Access { Access(tile, isWrite: false) }
  static func write(_ span: Span) -> Access { Access(span, isWrite: true) }
  static func write(_ tile: Tile) -> Access { Access(tile, isWrite: true) }

  /// Calls `body` with each run of consecutive bytes.
  public func forEachRun(_ body: (Range<Int>) -> Void) {
    let grid = runGrid
    for row in 0..<grid.rows {
      for column in 0..<grid.columns {
        let start = tile.address + row * tile.rowStride + column * tile.pixelStride
        body(start..<start + grid.byteCount)
      }
    }
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

extension Action {
  /// Everything that the command reads, and then what it writes.
  public var accesses: [Access] {
    var accesses: [Access] = []
    accesses.reserveCapacity(4)
    while let access = access(accesses.count) { accesses.append(access) }
    return accesses
  }

  /// Calls `body` with each of `accesses`.
  public func forEachAccess(_ body: (Access) -> Void) {
    var position = 0
    while let access = access(position) {
      body(access)
      position += 1
    }
  }

  /// One of `accesses` by its position, nil behind the last: for walks over all commands of a program, most of which
  /// would spend more on arrays than on what they look for.
  public func access(_ position: Int) -> Access? {
    switch self {
    case .copy(let from, let to): position == 0 ? .read(from) : position == 1 ? .write(to) : nil
    case .load(let load):
      position == 0 ? .read(load.tile) : position == 1 ? .write(load.block) : nil
    case .convolve(let convolve): convolve.access(position)
    case .rescale(let rescale):
      switch position {
      case 0: .read(rescale.accumulators)
      case 1: .read(rescale.parameters)
      case 2: .write(rescale.result)
      default: nil
      }
    case .pool(let pool):
      position == 0 ? .read(pool.input) : position == 1 ? .write(pool.result) : nil
    case .add(let add):
      switch position {
      case 0: .read(add.first)
      case 1: .read(add.second)
      case 2: .write(add.result)
      default: nil
      }
    case .softmax(let softmax):
      position == 0 ? .read(softmax.input) : position == 1 ? .write(softmax.result) : nil
    case .callHost(let call): call.access(position)
    }
  }
}

extension Convolve {
  fileprivate func access(_ position: Int) -> Access? {
    // Accumulators are read too unless they start from zero; the write stands for both.
    switch isFirst && position > 1 ? position + 1 : position {
    case 0: .read(input)
    case 1: .read(weights)
    case 2: .read(accumulators)
    case 3: .write(accumulators)
    default: nil
    }
  }
}

extension HostCall {
  fileprivate func access(_ position: Int) -> Access? {
    let result = position - operands.count
    if result < 0 { return .read(operands[position]) }
    return result < results.count ? .write(results[result]) : nil
  }
}
