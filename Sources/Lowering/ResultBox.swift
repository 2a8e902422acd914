import Hardware

/// One block of a layer's result, cut off at the borders.
struct ResultBox {
  let batch: Int
  let rows: Range<Int>
  let columns: Range<Int>
  let channels: Range<Int>
  /// The position of the block in depth.
  let depthIndex: Int

  var elementCount: Int { rows.count * columns.count * channels.count }

  /// All blocks: image by image, rows of blocks from top to bottom, in each all depths, so that the next layer
  /// can begin with the first rows.
  static func all(_ blocks: LayerPlan.Blocks) -> [ResultBox] {
    let (result, block) = (blocks.problem.result, blocks.tiling.block)
    var boxes: [ResultBox] = []
    boxes.reserveCapacity(blocks.tiling.blockCount)
    for batch in 0..<blocks.problem.batches {
      for rows in pieces(of: result.height, block.height) {
        for columns in pieces(of: result.width, block.width) {
          for (index, channels) in pieces(of: result.depth, block.depth).enumerated() {
            boxes.append(
              ResultBox(
                batch: batch, rows: rows, columns: columns, channels: channels, depthIndex: index))
          }
        }
      }
    }
    return boxes
  }

  private static func pieces(of extent: Int, _ size: Int) -> [Range<Int>] {
    stride(from: 0, to: extent, by: size).map { $0..<min(extent, $0 + size) }
  }

  /// The block within an image of the given extents.
  func tile(of span: Span, _ image: TargetDescription.Block) -> Tile {
    let rowBytes = image.width * image.depth
    let start =
      (batch * image.height + rows.lowerBound) * rowBytes
      + columns.lowerBound * image.depth + channels.lowerBound
    return Tile(
      memory: span.memory, address: span.address + start, height: rows.count,
      width: columns.count, channels: channels.count, rowStride: rowBytes, pixelStride: image.depth)
  }
}

/// The input that a block of the result needs: the part inside the image, and the padding around it.
struct InputArea {
  let rows: Range<Int>
  let columns: Range<Int>
  let padTop: Int
  let padBottom: Int
  let padLeft: Int
  let padRight: Int

  init(_ problem: TilingProblem, _ box: ResultBox) {
    let vertical = Self.clip(box.rows, problem, axis: 0, extent: problem.input.height)
    let horizontal = Self.clip(box.columns, problem, axis: 1, extent: problem.input.width)
    (rows, padTop, padBottom) = vertical
    (columns, padLeft, padRight) = horizontal
  }

  var paddedHeight: Int { padTop + rows.count + padBottom }
  var paddedWidth: Int { padLeft + columns.count + padRight }

  private static func clip(
    _ results: Range<Int>, _ problem: TilingProblem, axis: Int, extent: Int
  ) -> (inside: Range<Int>, before: Int, after: Int) {
    let window = problem.window
    let first = results.lowerBound * window.stride[axis] - window.padBefore[axis]
    let end =
      (results.upperBound - 1) * window.stride[axis] - window.padBefore[axis] + window.span[axis]
    let before = min(max(0, -first), end - first)
    let lower = min(max(0, first), extent)
    let upper = min(max(lower, end), extent)
    return (lower..<upper, before, end - first - before - (upper - lower))
  }

  /// The part inside the image, of some of its channels.
  func tile(of span: Span, _ problem: TilingProblem, batch: Int, channels: Range<Int>) -> Tile {
    let image = problem.input
    let rowBytes = image.width * image.depth
    let start =
      (batch * image.height + rows.lowerBound) * rowBytes
      + columns.lowerBound * image.depth + channels.lowerBound
    return Tile(
      memory: span.memory, address: span.address + start, height: rows.count,
      width: columns.count, channels: channels.count, rowStride: rowBytes, pixelStride: image.depth)
  }
}
