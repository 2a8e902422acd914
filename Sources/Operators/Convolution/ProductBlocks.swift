import CKernels

/// How many fused products are summed by themselves, the sums of such blocks then being added from first to last: as ONNX Runtime
/// has it on processors with vectors of 16 floats, so that results have its bits, and long sums lose fewer digits.
///
/// A block of 0 is all of them. Sums of TFLite have no blocks.
struct ProductBlocks: Sendable {
  /// Input channels of a convolution, or rows of the second matrix.
  let channels: Int32

  /// All products in one sum.
  static let none = ProductBlocks(channels: 0)

  /// Of matrices that are packed ahead.
  static let ofConstants = ProductBlocks(channels: 256)

  /// Of a convolution by `weights`, whose batches are the output channels.
  ///
  /// - Parameter isGroup: of a part of the image's channels. Groups that fill no vector have no blocks.
  static func of(convolutionBy weights: ck_shape, isGroup: Bool = false) -> Self {
    let vector: Int32 = 16
    if isGroup, weights.channels % vector != 0 { return .none }
    if weights.channels < vector { return Self(channels: 1) }
    return Self(channels: weights.height == 1 && weights.width == 1 ? 128 : vector)
  }

  /// Of matrices of which neither is known ahead: narrow ones have longer blocks.
  static func of(_ product: ck_matrix_product) -> Self {
    var (depth, columns) = (Int32(128), Int32(128))
    guard product.columns < product.depth else { return Self(channels: depth) }
    while columns > 16, columns / 2 >= product.columns {
      columns /= 2
      depth *= 2
    }
    return Self(channels: depth)
  }
}
