import Hardware

/// Where an image lies: all of its rows, or of a single image the last few, which take turns in the same bytes.
struct ImagePlace {
  let span: Span
  let extents: TargetDescription.Block
  /// Row `r` lies where row `r mod keptRows` would.
  let keptRows: Int

  /// A part of the image whose rows lie one after the other.
  func tile(batch: Int, rows: Range<Int>, columns: Range<Int>, channels: Range<Int>) -> Tile {
    let rowBytes = extents.width * extents.depth
    // What lies in the padding alone has no place in the image, and nothing of it is read.
    let start =
      rows.isEmpty || columns.isEmpty
      ? 0
      : (batch * extents.height + rows.lowerBound % keptRows) * rowBytes
        + columns.lowerBound * extents.depth + channels.lowerBound
    return Tile(
      memory: span.memory, address: span.address + start, height: rows.count,
      width: columns.count, channels: channels.count, rowStride: rowBytes,
      pixelStride: extents.depth)
  }

  /// Rows, cut where they begin anew at the lowest address; without any, they are one run.
  func runs(of rows: Range<Int>) -> [Range<Int>] {
    let end = (rows.lowerBound / keptRows + 1) * keptRows
    guard rows.upperBound > end else { return [rows] }
    return [rows.lowerBound..<end, end..<rows.upperBound]
  }
}
