import CKernels
import Lowering

/// A copy between a tile of an image and a dense block. If the image has unsigned bytes, signed ones become unsigned
/// or the reverse.
extension ck_box_copy {
  /// From the tile at an address to a part of a block whose rows have `blockWidth` pixels.
  init(
    _ tile: Tile, at address: UnsafeMutableRawPointer, to block: UnsafeMutableRawPointer,
    blockWidth: Int, isUnsigned: Bool
  ) {
    self.init(
      tile, address, ck_box_layout(tile), block,
      ck_box_layout(blockWidth: blockWidth, channels: tile.channels), isUnsigned)
  }

  /// From a block that has the tile's extents to the tile at an address.
  init(
    _ tile: Tile, of block: UnsafeMutableRawPointer, to address: UnsafeMutableRawPointer,
    isUnsigned: Bool
  ) {
    self.init(
      tile, block, ck_box_layout(blockWidth: tile.width, channels: tile.channels), address,
      ck_box_layout(tile), isUnsigned)
  }

  private init(
    _ tile: Tile, _ source: UnsafeMutableRawPointer, _ sourceLayout: ck_box_layout,
    _ target: UnsafeMutableRawPointer, _ targetLayout: ck_box_layout, _ isUnsigned: Bool
  ) {
    self.init(
      from: source.assumingMemoryBound(to: UInt8.self),
      to: target.assumingMemoryBound(to: UInt8.self),
      from_layout: sourceLayout, to_layout: targetLayout,
      height: Int32(tile.height), width: Int32(tile.width), channels: Int32(tile.channels),
      flipped_bits: isUnsigned ? 0x80 : 0)
  }
}

extension ck_box_layout {
  fileprivate init(_ tile: Tile) {
    self.init(row_stride: Int64(tile.rowStride), pixel_stride: Int64(tile.pixelStride))
  }

  fileprivate init(blockWidth: Int, channels: Int) {
    self.init(row_stride: Int64(blockWidth * channels), pixel_stride: Int64(channels))
  }
}
