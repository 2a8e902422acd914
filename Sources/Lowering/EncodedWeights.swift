/// The weights of a layer as streams of one code, with the rescaling parameters as they are.
struct EncodedWeights: Sendable {
  /// The code book.
  let code: [UInt8]
  /// For each block in depth its streams, slice by slice, and the parameters of its channels; both begin at aligned
  /// places and are filled up with zeros, because that is how the NPU takes them.
  private(set) var bytes: [UInt8]
  /// Of these, whether they are there or not.
  let byteCount: Int
  let bricks: [[Range<Int>]]
  let parameters: [Range<Int>]

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
    var (bricks, parameters): ([[Range<Int>]], [Range<Int>]) = ([], [])
    // A stream may be a byte longer than what it encodes.
    let room = plain.count + layout.blocks * (layout.slices + 2 * ConstantImage.alignment)
    bytes = Array(unsafeUninitializedCapacity: room) { memory, count in
      plain.withUnsafeBytes { plain in
        var writer = Writer(code: code, memory: UnsafeMutableRawBufferPointer(memory))
        for block in 0..<layout.blocks {
          bricks.append(
            (0..<layout.slices).map { writer.encode(plain[layout.brick(block, $0)]) })
          writer.fillUp()
          parameters.append(writer.copy(plain[layout.parameters(block)]))
          writer.fillUp()
        }
        count = writer.end
      }
    }
    byteCount = bytes.count
    guard byteCount + self.code.count < plain.count else { return nil }
    (self.bricks, self.parameters) = (bricks, parameters)
  }

  /// The same where only sizes and places count.
  var withoutBytes: EncodedWeights {
    var copy = self
    copy.bytes = []
    return copy
  }

  /// Writes one part behind the other, and says where each lies.
  private struct Writer {
    let code: WeightCode
    let memory: UnsafeMutableRawBufferPointer
    private(set) var end = 0

    init(code: WeightCode, memory: UnsafeMutableRawBufferPointer) {
      self.code = code
      self.memory = memory
    }

    mutating func encode(_ weights: Slice<UnsafeRawBufferPointer>) -> Range<Int> {
      let rest = UnsafeMutableRawBufferPointer(rebasing: memory[end...])
      return advance(by: code.encode(UnsafeRawBufferPointer(rebasing: weights), into: rest))
    }

    mutating func copy(_ bytes: Slice<UnsafeRawBufferPointer>) -> Range<Int> {
      memory[end..<end + bytes.count].copyBytes(from: bytes)
      return advance(by: bytes.count)
    }

    mutating func fillUp() {
      let zeros = memory[end..<aligned(end)]
      for position in zeros.indices { memory[position] = 0 }
      end = zeros.endIndex
    }

    private mutating func advance(by count: Int) -> Range<Int> {
      end += count
      return end - count..<end
    }
  }
}
