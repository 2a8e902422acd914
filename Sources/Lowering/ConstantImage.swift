import GraphIR
import Hardware
import Operators
import Tensors

/// What the constants' memory holds, under construction: bytes in the order in which engines read them.
struct ConstantImage {
  private(set) var bytes: [UInt8] = []
  /// Of all constants, whether they are kept or not.
  private(set) var byteCount = 0
  /// Whether bytes are kept; else they are only counted.
  let isKept: Bool

  init(isKept: Bool) { self.isKept = isKept }

  /// Appends the bytes that `fill` writes, from an aligned address on, and says where they begin.
  mutating func append(
    _ byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void
  ) rethrows -> Int {
    let start = alignedByteCount
    self.byteCount = start + byteCount
    guard isKept else { return start }
    bytes += repeatElement(0, count: self.byteCount - bytes.count)
    try bytes.withUnsafeMutableBytes {
      try fill(UnsafeMutableRawBufferPointer(rebasing: $0[start..<start + byteCount]))
    }
    return start
  }

  /// Where the next constant may begin.
  var alignedByteCount: Int { dividedUp(byteCount, Self.alignment) * Self.alignment }

  static let alignment = 16
}

/// Weights and rescaling parameters of a layer, as they lie in memory: for each block in depth a brick for each
/// block of input channels, then the parameters of its channels.
struct WeightLayout: Hashable {
  let depth: Int
  let blockDepth: Int
  let inputDepth: Int
  let sliceDepth: Int
  let kernelElements: Int
  let isDepthwise: Bool
  let parameterBytes: Int

  init(_ problem: TilingProblem, _ tiling: Tiling, parameterBytes: Int) {
    depth = problem.result.depth
    blockDepth = tiling.block.depth
    isDepthwise = problem.kind == .depthwise
    inputDepth = isDepthwise ? 1 : problem.input.depth
    sliceDepth = isDepthwise ? 1 : tiling.inputDepth
    kernelElements = problem.window.kernel.product
    self.parameterBytes = parameterBytes
  }

  var blocks: Int { dividedUp(depth, blockDepth) }
  var slices: Int { dividedUp(inputDepth, sliceDepth) }

  /// The output channels of a block.
  func channels(_ block: Int) -> Range<Int> {
    block * blockDepth..<min(depth, (block + 1) * blockDepth)
  }

  /// The input channels of a slice.
  func inputChannels(_ slice: Int) -> Range<Int> {
    slice * sliceDepth..<min(inputDepth, (slice + 1) * sliceDepth)
  }

  /// The part of the layer's constants that a block needs.
  func chunk(_ block: Int) -> Range<Int> {
    let start = channels(block).lowerBound * bytesPerChannel
    return start..<start + channels(block).count * bytesPerChannel
  }

  /// The weights of a block and a slice.
  func brick(_ block: Int, _ slice: Int) -> Range<Int> {
    let perInput = channels(block).count * kernelElements
    let start = chunk(block).lowerBound + inputChannels(slice).lowerBound * perInput
    return start..<start + inputChannels(slice).count * perInput
  }

  func parameters(_ block: Int) -> Range<Int> {
    let chunk = chunk(block)
    return chunk.upperBound - channels(block).count * parameterBytes..<chunk.upperBound
  }

  var byteCount: Int { depth * bytesPerChannel }

  private var bytesPerChannel: Int { kernelElements * inputDepth + parameterBytes }
}

extension WeightLayout {
  /// Writes weights, which are in the order of the operator, in the order of the layout.
  ///
  /// Dense weights are `[output, kernel height, kernel width, input]`, depthwise ones
  /// `[kernel height, kernel width, output]`.
  func write(_ weights: UnsafeRawBufferPointer, to image: UnsafeMutableRawBufferPointer) {
    for block in 0..<blocks {
      for slice in 0..<slices {
        let part = UnsafeMutableRawBufferPointer(rebasing: image[brick(block, slice)])
        if isDepthwise {
          copyDepthwise(weights, channels(block), to: part)
        } else {
          copyDense(weights, channels(block), inputChannels(slice), to: part)
        }
      }
    }
  }

  private func copyDense(
    _ weights: UnsafeRawBufferPointer, _ channels: Range<Int>, _ inputs: Range<Int>,
    to brick: UnsafeMutableRawBufferPointer
  ) {
    var position = 0
    for channel in channels {
      for element in 0..<kernelElements {
        let start = (channel * kernelElements + element) * inputDepth + inputs.lowerBound
        brick.baseAddress!.advanced(by: position).copyMemory(  // bricks are not empty
          from: weights.baseAddress! + start, byteCount: inputs.count)
        position += inputs.count
      }
    }
  }

  private func copyDepthwise(
    _ weights: UnsafeRawBufferPointer, _ channels: Range<Int>,
    to brick: UnsafeMutableRawBufferPointer
  ) {
    for element in 0..<kernelElements {
      brick.baseAddress!.advanced(by: element * channels.count).copyMemory(  // bricks are not empty
        from: weights.baseAddress! + element * depth + channels.lowerBound,
        byteCount: channels.count)
    }
  }

  /// Writes bias and factor of each channel.
  func write(
    bias: [Int32]?, _ requantization: Requantization, to image: UnsafeMutableRawBufferPointer
  ) {
    for block in 0..<blocks {
      let part = UnsafeMutableRawBufferPointer(rebasing: image[parameters(block)])
      ChannelParameters(
        bias: channels(block).map { bias?[$0] ?? 0 },
        factors: requantization.factors.part(channels(block))
      ).write(to: part)
    }
  }
}

extension Requantization.Factors {
  fileprivate func part(_ channels: Range<Int>) -> Self {
    switch self {
    case .fixedPoint(let factors): .fixedPoint(Array(factors[channels]))
    case .real(let scales): .real(Array(scales[channels]))
    case .single(let scales): .single(Array(scales[channels]))
    }
  }
}
