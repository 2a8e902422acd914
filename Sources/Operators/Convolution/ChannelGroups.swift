import GraphIR
import Tensors

/// The weights of a convolution of groups of channels, and those of the dense one that gives the same.
struct ChannelGroups: Sendable {
  private let weights: TensorType
  private let channels: Int

  /// - Parameter channels: those of the image, a multiple of those of the weights.
  init(_ weights: TensorType, channels: Int) {
    self.weights = weights
    self.channels = channels
  }

  /// The same site with dense weights.
  func expanded(_ site: Site) -> Site {
    let shape = weights.shape
    var operands = site.operands
    operands[1] = weights.with(shape: [shape[0], shape[1], shape[2], channels])
    var constants = site.constants
    constants[1] = constants[1].map { expanded($0.bytes) }
    return Site(operands: operands, constants: constants, results: site.results)
  }

  /// Weights with what stands for 0 in the channels of other groups.
  func expanded(_ bytes: UnsafeRawBufferPointer) -> TensorData {
    let (width, own) = (weights.element.bitWidth / 8, weights.shape[3])
    let (taps, groups) = (weights.shape[1] * weights.shape[2], channels / own)
    let zero = UInt8(truncatingIfNeeded: weights.quantization?.zeroPoint ?? 0)
    return TensorData(byteCount: weights.elementCount * groups * width) { memory in
      memory.initializeMemory(as: UInt8.self, repeating: zero)
      for tap in 0..<weights.shape[0] * taps {
        let group = tap / taps / (weights.shape[0] / groups)
        let start = (tap * channels + group * own) * width
        let run = UnsafeRawBufferPointer(
          rebasing: bytes[tap * own * width..<(tap + 1) * own * width])
        UnsafeMutableRawBufferPointer(rebasing: memory[start..<start + run.count])
          .copyMemory(from: run)
      }
    }
  }
}
