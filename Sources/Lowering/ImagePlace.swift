import Hardware

/// Where an image lies: all of its rows, or of a single image the last few, which take turns in the same bytes.
struct ImagePlace {
  let span: Span
  let extents: TargetDescription.Block
  /// Row `r` lies where row `r mod keptRows` would.
  let keptRows: Int
  /// From image to image, row to row and pixel to pixel, in bytes.
  private let imageStride: Int
  private let rowStride: Int
  private let pixelStride: Int

  /// - Parameter strides: along the axes of images with gaps; nil where there are none.
  init(span: Span, extents: TargetDescription.Block, keptRows: Int, strides: [Int]?) {
    self.span = span
    self.extents = extents
    self.keptRows = keptRows
    pixelStride = strides?[2] ?? extents.depth
    rowStride = strides?[1] ?? extents.width * extents.depth
    imageStride = strides?[0] ?? extents.byteCount
  }

  /// A part of the image whose rows lie one after the other.
  func tile(batch: Int, rows: Range<Int>, columns: Range<Int>, channels: Range<Int>) -> Tile {
    // What lies in the padding alone has no place in the image, and nothing of it is read.
    let start =
      rows.isEmpty || columns.isEmpty
      ? 0
      : batch * imageStride + rows.lowerBound % keptRows * rowStride
        + columns.lowerBound * pixelStride + channels.lowerBound
    return Tile(
      memory: span.memory, address: span.address + start, height: rows.count,
      width: columns.count, channels: channels.count, rowStride: rowStride,
      pixelStride: pixelStride)
  }

  /// Rows up to where they begin anew at the lowest address: all of them, or the first of two runs.
  func firstRun(of rows: Range<Int>) -> Range<Int> {
    let end = (rows.lowerBound / keptRows + 1) * keptRows
    return rows.lowerBound..<min(rows.upperBound, end)
  }
}
