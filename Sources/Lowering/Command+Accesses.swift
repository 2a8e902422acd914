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
  /// Everything that the command reads and writes.
  public var accesses: [Access] {
    switch self {
    case .copy(let from, let to): [.read(from), .write(to)]
    case .load(let load): [.read(load.tile), .write(load.block)]
    case .convolve(let convolve):
      // Accumulators are read too unless they start from zero; the write stands for both.
      [.read(convolve.input), .read(convolve.weights)]
        + (convolve.isFirst ? [] : [.read(convolve.accumulators)])
        + [.write(convolve.accumulators)]
    case .rescale(let rescale):
      [.read(rescale.accumulators), .read(rescale.parameters), .write(rescale.result)]
    case .pool(let pool): [.read(pool.input), .write(pool.result)]
    case .add(let add): [.read(add.first), .read(add.second), .write(add.result)]
    case .softmax(let softmax): [.read(softmax.input), .write(softmax.result)]
    case .callHost(let call): call.operands.map { .read($0) } + call.results.map { .write($0) }
    }
  }
}
