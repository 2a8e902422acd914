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

  /// The blocks of some rows: image by image, rows of blocks from top to bottom, in each all depths, so that the next
  /// layer can begin with the first rows.
  static func boxes(_ blocks: LayerPlan.Blocks, rows: Range<Int>) -> [ResultBox] {
    let (result, block) = (blocks.problem.result, blocks.tiling.block)
    var boxes: [ResultBox] = []
    for batch in 0..<blocks.problem.batches {
      for rows in pieces(of: rows, block.height) {
        for columns in pieces(of: 0..<result.width, block.width) {
          for (index, channels) in pieces(of: 0..<result.depth, block.depth).enumerated() {
            boxes.append(
              ResultBox(
                batch: batch, rows: rows, columns: columns, channels: channels, depthIndex: index))
          }
        }
      }
    }
    return boxes
  }

  private static func pieces(of extent: Range<Int>, _ size: Int) -> [Range<Int>] {
    stride(from: extent.lowerBound, to: extent.upperBound, by: size).map {
      $0..<min(extent.upperBound, $0 + size)
    }
  }

  /// The block within an image, of which as many rows are kept as blocks do not straddle.
  func tile(of place: ImagePlace) -> Tile {
    place.tile(batch: batch, rows: rows, columns: columns, channels: channels)
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

  /// The part inside the image, of some of its channels: one tile, or two where the rows that are kept begin anew.
  func tiles(
    of place: ImagePlace, batch: Int, channels: Range<Int>
  ) -> (first: Tile, second: Tile?) {
    let first = place.firstRun(of: rows)
    let rest = first.upperBound..<rows.upperBound
    return (
      tile(of: place, batch, first, channels),
      rest.isEmpty ? nil : tile(of: place, batch, rest, channels)
    )
  }

  private func tile(
    of place: ImagePlace, _ batch: Int, _ rows: Range<Int>, _ channels: Range<Int>
  ) -> Tile {
    place.tile(batch: batch, rows: rows, columns: columns, channels: channels)
  }
}
