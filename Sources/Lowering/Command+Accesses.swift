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
    // Of a tile that lies in the padding alone, rows are left that have no width.
    guard tile.byteCount > 0 else { return }
    let runs = tile.runs
    if runs.count == 1 { return body(tile.address..<tile.address + runs.byteCount) }
    for row in 0..<tile.height {
      let start = tile.address + row * tile.rowStride
      if runs.count == tile.height {
        body(start..<start + runs.byteCount)
      } else {
        for column in 0..<tile.width {
          let pixel = start + column * tile.pixelStride
          body(pixel..<pixel + runs.byteCount)
        }
      }
    }
  }
}

extension Action {
  /// Everything that the command reads, and then what it writes.
  public var accesses: [Access] {
    var accesses: [Access] = []
    accesses.reserveCapacity(4)
    forEachAccess { accesses.append($0) }
    return accesses
  }

  /// Calls `body` with everything that the command reads, and then with what it writes: for walks over all commands of a
  /// program, most of which would spend more on arrays than on what they look for.
  public func forEachAccess(_ body: (Access) -> Void) {
    switch self {
    case .copy(let from, let to):
      body(.read(from))
      body(.write(to))
    case .load(let load):
      body(.read(load.tile))
      body(.write(load.block))
    case .convolve(let convolve):
      body(.read(convolve.input))
      body(.read(convolve.weights))
      // Accumulators are read too unless they start from zero; the write stands for both.
      if !convolve.isFirst { body(.read(convolve.accumulators)) }
      body(.write(convolve.accumulators))
    case .rescale(let rescale):
      body(.read(rescale.accumulators))
      body(.read(rescale.parameters))
      body(.write(rescale.result))
    case .pool(let pool):
      body(.read(pool.input))
      body(.write(pool.result))
    case .add(let add):
      body(.read(add.first))
      body(.read(add.second))
      body(.write(add.result))
    case .softmax(let softmax):
      body(.read(softmax.input))
      body(.write(softmax.result))
    case .callHost(let call):
      for operand in call.operands { body(.read(operand)) }
      for result in call.results { body(.write(result)) }
    }
  }
}
