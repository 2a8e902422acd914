/// The weights of a layer as streams of one code, with the rescaling parameters as they are.
struct EncodedWeights {
  /// The code book.
  let code: [UInt8]
  /// For each block in depth its streams, slice by slice, and the parameters of its channels.
  private(set) var bytes: [UInt8] = []
  private(set) var bricks: [[Range<Int>]] = []
  private(set) var parameters: [Range<Int>] = []

  /// Nil if the code saves nothing.
  ///
  /// - Parameter plain: weights and parameters in the order of the layout.
  init?(_ plain: [UInt8], _ layout: WeightLayout) {
    let code = plain.withUnsafeBytes { plain in
      WeightCode(
        planning: (0..<layout.blocks).flatMap { block in
          (0..<layout.slices).map {
            UnsafeRawBufferPointer(rebasing: plain[layout.brick(block, $0)])
          }
        })
    }
    self.code = code.bytes
    bytes.reserveCapacity(plain.count)
    plain.withUnsafeBytes { plain in
      for block in 0..<layout.blocks {
        bricks.append(
          (0..<layout.slices).map { slice in
            append(
              code.encode(UnsafeRawBufferPointer(rebasing: plain[layout.brick(block, slice)])))
          })
        parameters.append(
          append(Array(UnsafeRawBufferPointer(rebasing: plain[layout.parameters(block)]))))
      }
    }
    guard bytes.count + self.code.count < plain.count else { return nil }
  }

  private mutating func append(_ part: [UInt8]) -> Range<Int> {
    bytes += part
    return bytes.count - part.count..<bytes.count
  }
}
