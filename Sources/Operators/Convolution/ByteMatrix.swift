import CKernels
import Support
import Tensors

/// Bytes in their signed form, whatever the sign of their type: an unsigned byte and its zero point are both less by 128.
struct SignedBytes: Sendable {
  private let isUnsigned: Bool

  /// - Precondition: elements are `i8` or `u8`.
  init(_ type: TensorType) { isUnsigned = type.element == .u8 }

  /// Lets `body` read the signed form of some bytes.
  func with<Result>(
    _ bytes: UnsafeRawBufferPointer, _ body: (UnsafePointer<Int8>) throws -> Result
  ) rethrows -> Result {
    guard isUnsigned else { return try body(bytes.pointer(to: Int8.self)) }
    let flipped = TensorData(byteCount: bytes.count) { SignFlip.flip(bytes, into: $0) }
    return try withExtendedLifetime(flipped) { try body($0.bytes.pointer(to: Int8.self)) }
  }

  /// The signed form of zero points.
  func zeroPoints(_ bytes: UnsafeRawBufferPointer) -> [Int32] {
    isUnsigned
      ? bytes.map { Int32($0) - 128 } : bytes.map { Int32(Int8(bitPattern: $0)) }
  }
}

/// A matrix of bytes, packed for products with rows, and the sum of each of its columns.
struct ByteMatrix: Sendable {
  private let weights: PackedWeights
  private let shape: (input: ck_shape, output: ck_shape)
  /// Modulo 2³².
  let columnSums: [Int32]

  /// - Parameter elements: `[depth, columns]`.
  init(_ elements: UnsafePointer<Int8>, depth: Int, columns: Int) {
    var rows = [Int8](repeating: 0, count: depth * columns)
    var sums = [Int32](repeating: 0, count: columns)
    for index in 0..<depth {
      for column in 0..<columns {
        let element = elements[index * columns + column]
        rows[column * depth + index] = element
        sums[column] &+= Int32(element)
      }
    }
    weights = PackedWeights(
      ck_pack_conv2d_i8(rows, 0, Int32(clamping: columns), 1, 1, Int32(clamping: depth)))
    shape = (ck_shape([1, 1, 1, depth]), ck_shape([1, 1, 1, columns]))
    columnSums = sums
  }

  /// `y = Σ x · column`, modulo 2³², for `count` rows x of the matrix's depth.
  func multiply(_ x: UnsafePointer<Int8>, rows count: Int, into y: UnsafeMutablePointer<Int32>) {
    var rows = shape
    (rows.input.height, rows.output.height) = (Int32(clamping: count), Int32(clamping: count))
    weights.accumulate(x, rows, zeroPoint: 0, Window.single.kernelForm, into: y)
  }
}

extension PackedWeights {
  /// `y = Σ (x − zeroPoint) · weights` over the window, modulo 2³².
  func accumulate(
    _ x: UnsafePointer<Int8>, _ shape: (input: ck_shape, output: ck_shape), zeroPoint: Int32,
    _ window: ck_window, into y: UnsafeMutablePointer<Int32>
  ) {
    guard let scratch = ck_make_scratch() else { fatalError("out of memory for a convolution") }
    defer { ck_free_scratch(scratch) }
    var tile = ck_convolution_tile(
      tile: x, tile_shape: shape.input, input_zero_point: zeroPoint, window: window,
      accumulators: y, accumulator_shape: shape.output, adds: 0)
    ck_accumulate_tile(&tile, form, scratch)
  }
}
