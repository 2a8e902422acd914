import Hardware
import Operators
import ProgramSchema

// Spans, tiles, and the commands that fill the buffer and multiply, as structs of C and back.

extension dovetail_span {
  init(_ span: Span) {
    self.init(
      address: Int64(span.address), byte_count: Int64(span.byteCount), memory: Int32(span.memory),
      reserved: 0)
  }
}

extension Span {
  init(_ span: dovetail_span) {
    self.init(
      memory: Int(span.memory), address: Int(span.address), byteCount: Int(span.byte_count))
  }
}

extension dovetail_tile {
  init(_ tile: Tile) {
    self.init(
      address: Int64(tile.address), row_stride: Int64(tile.rowStride),
      pixel_stride: Int64(tile.pixelStride), memory: Int32(tile.memory),
      height: Int32(tile.height), width: Int32(tile.width), channels: Int32(tile.channels))
  }
}

extension Tile {
  init(_ tile: dovetail_tile) {
    self.init(
      memory: Int(tile.memory), address: Int(tile.address), height: Int(tile.height),
      width: Int(tile.width), channels: Int(tile.channels), rowStride: Int(tile.row_stride),
      pixelStride: Int(tile.pixel_stride))
  }
}

extension dovetail_window {
  init(_ window: TileWindow) {
    self.init(
      kernel_height: Int32(window.kernel.height), kernel_width: Int32(window.kernel.width),
      stride_height: Int32(window.stride.height), stride_width: Int32(window.stride.width),
      dilation_height: Int32(window.dilation.height),
      dilation_width: Int32(window.dilation.width))
  }
}

extension TileWindow {
  init(_ window: dovetail_window) {
    self.init(
      kernel: Spatial(height: Int(window.kernel_height), width: Int(window.kernel_width)),
      stride: Spatial(height: Int(window.stride_height), width: Int(window.stride_width)),
      dilation: Spatial(height: Int(window.dilation_height), width: Int(window.dilation_width)))
  }
}

extension dovetail_copy {
  init(from: Span, to: Span) { self.init(from: dovetail_span(from), to: dovetail_span(to)) }
}

extension dovetail_load {
  init(_ load: Load) {
    self.init(
      tile: dovetail_tile(load.tile), block: dovetail_span(load.block),
      pad_top: Int32(load.padTop), pad_left: Int32(load.padLeft),
      pad_bottom: Int32(load.padBottom), pad_right: Int32(load.padRight),
      padding: Int32(load.padding), is_unsigned: load.isUnsigned ? 1 : 0)
  }
}

extension Load {
  init(_ load: dovetail_load) throws {
    guard let padding = Int8(exactly: load.padding) else {
      throw StructProblem.field("padding", load.padding)
    }
    self.init(
      tile: Tile(load.tile), isUnsigned: try flag(load.is_unsigned, "is_unsigned"),
      padTop: Int(load.pad_top), padLeft: Int(load.pad_left), padBottom: Int(load.pad_bottom),
      padRight: Int(load.pad_right), padding: padding, block: Span(load.block))
  }
}

extension dovetail_convolve {
  init(_ convolve: Convolve) {
    self.init(
      input: dovetail_span(convolve.input), weights: dovetail_span(convolve.weights),
      accumulators: dovetail_span(convolve.accumulators), window: dovetail_window(convolve.window),
      input_height: Int32(convolve.inputHeight), input_width: Int32(convolve.inputWidth),
      input_depth: Int32(convolve.inputDepth), height: Int32(convolve.height),
      width: Int32(convolve.width), depth: Int32(convolve.depth),
      input_zero_point: convolve.inputZeroPoint, weight_zero_point: convolve.weightZeroPoint,
      code: convolve.code ?? -1, mode: convolve.mode.number,
      is_first: convolve.isFirst ? 1 : 0, reserved: 0)
  }
}

extension Convolve {
  init(_ convolve: dovetail_convolve) throws {
    self.init(
      input: Span(convolve.input), inputHeight: Int(convolve.input_height),
      inputWidth: Int(convolve.input_width), inputDepth: Int(convolve.input_depth),
      inputZeroPoint: convolve.input_zero_point, weights: Span(convolve.weights),
      code: convolve.code == -1 ? nil : convolve.code,
      weightZeroPoint: convolve.weight_zero_point, window: TileWindow(convolve.window),
      mode: try choice(convolve.mode, of: ArrayMode.numbered, "mode"),
      accumulators: Span(convolve.accumulators), height: Int(convolve.height),
      width: Int(convolve.width), depth: Int(convolve.depth),
      isFirst: try flag(convolve.is_first, "is_first"))
  }
}

/// A field of a struct that holds what cannot be.
enum StructProblem: Error {
  case field(String, Int32)
}

/// A truth value, of which a file knows two.
func flag(_ number: Int32, _ field: String) throws -> Bool {
  guard number == 0 || number == 1 else { throw StructProblem.field(field, number) }
  return number == 1
}

/// One of the values of an enumeration, by its number.
func choice<Value>(_ number: Int32, of values: [Value], _ field: String) throws -> Value {
  guard values.indices.contains(Int(number)) else { throw StructProblem.field(field, number) }
  return values[Int(number)]
}
