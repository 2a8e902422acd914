import Hardware
import Operators
import TestSupport
import Testing

/// Hand computations after Vela's block cost, `ethosu/vela/npu_performance.py`: micro-blocks across, times
/// 4 cycles, times micro-blocks in depth, times steps through kernel and input channels.
struct ArrayCostTests {
  private let target: TargetDescription
  private let larger: TargetDescription

  init() throws {
    target = try Target(TargetVariant.path(of: "ethos-u55-128")).description
    larger = try Target(TargetVariant.path(of: "ethos-u55-256")).description
  }

  private static let image = TargetDescription.Block(height: 25, width: 5, depth: 64)
  private static let pixel = TargetDescription.Block(height: 1, width: 1, depth: 8)

  /// 25 x 3 micro-blocks of 1x2 across, 8 of 8 channels deep, 2 slices of 32 channels.
  @Test func pointwiseConvolution() {
    let cycles = target.array.cycles(block: Self.image, kernel: .one, channels: 64, .depthFirst)
    #expect(cycles == 75 * 8 * 2 * 4)
    #expect(cycles == 4800)
  }

  /// Vela's total for this layer of the keyword spotting network is 5,944 cycles, with all that surrounds the array.
  @Test func depthwiseConvolution() {
    let kernel = Spatial(height: 3, width: 3)
    let cycles = target.array.cycles(block: Self.image, kernel: kernel, channels: 64, .depthwise)
    #expect(cycles == 3 * 4 * 75 * 8)
    #expect(cycles == 7200)
  }

  /// 40 kernel elements, four per step.
  @Test func kernelFirstOnOneChannel() {
    let kernel = Spatial(height: 10, width: 4)
    // The kernel is higher than 8, so it runs in parts of 8x4 and 2x4 elements: 8 + 2 steps.
    let cycles = target.array.cycles(block: Self.image, kernel: kernel, channels: 1, .kernelFirst)
    #expect(cycles == 10 * 4 * 75 * 8)
    #expect(cycles == 24_000)
  }

  /// Published by Vela 5.2 for the same layers, the array and everything around it.
  @Test func arrayTakesNoLongerThanVelasLayers() {
    let layers: [(Spatial, Int, ArrayMode, Int)] = [
      (Spatial(height: 10, width: 4), 1, .kernelFirst, 26_185),
      (Spatial(height: 3, width: 3), 64, .depthwise, 8_124),
      (.one, 64, .depthFirst, 5_944),
    ]
    for (kernel, channels, mode, total) in layers {
      let cycles = target.array.cycles(
        block: Self.image, kernel: kernel, channels: channels, mode)
      #expect(cycles <= total && 5 * cycles > 4 * total, "\(mode)")
    }
  }

  /// A single micro-block takes 4 cycles, its weights 32 to be decoded; then come 2 cycles of bubble.
  @Test func weightsOfOnePixelTakeLongerThanItsProducts() {
    let cycles = target.array.cycles(block: Self.pixel, kernel: .one, channels: 32, .depthFirst)
    #expect(cycles == 32 + 2)
    let cost = target.array.cost(block: Self.pixel, kernel: .one, channels: 32, .depthFirst)
    #expect(cost.isDecoding && cost.gapCycles == 2)
  }

  /// With two micro-blocks across there is no bubble; with eight, decoding is as fast as multiplying.
  @Test func decodingIsHiddenByEightMicroBlocks() {
    func cycles(width: Int) -> Int {
      target.array.cycles(
        block: .init(height: 1, width: width, depth: 8), kernel: .one, channels: 32, .depthFirst)
    }
    #expect(cycles(width: 4) == 32)
    #expect(cycles(width: 16) == 32)
    #expect(cycles(width: 18) == 36)
  }

  /// 2x2 micro-blocks: 13 x 3 across.
  @Test func largerArrayHasLargerMicroBlocks() {
    let cycles = larger.array.cycles(block: Self.image, kernel: .one, channels: 64, .depthFirst)
    #expect(cycles == 13 * 3 * 8 * 2 * 4)
  }

  @Test func partsOfAUnitCountAsWhole() {
    let block = TargetDescription.Block(height: 1, width: 17, depth: 9)
    // 9 micro-blocks across, 2 deep, 2 slices of up to 32 channels.
    let cycles = target.array.cycles(block: block, kernel: .one, channels: 33, .depthFirst)
    #expect(cycles == 9 * 2 * 2 * 4)
  }

  @Test func peakIsInTheName() {
    #expect(target.peakMacsPerCycle == 128)
    #expect(larger.peakMacsPerCycle == 256)
  }

  /// 0.5 cycles per element; 1.5 for an addition (`output_cycles_per_elem`, `activation_cycles_per_elem`).
  @Test func outputStageTakesItsCyclesPerElement() {
    #expect(target.rescaleCycles(elements: 8000, hasActivation: false) == 4000)
    #expect(target.rescaleCycles(elements: 8000, hasActivation: true) == 4000)
    #expect(target.rescaleCycles(elements: 3, hasActivation: false) == 2)
    #expect(target.addCycles(elements: 8000) == 12_000)
  }

  /// The average pool at the end of keyword spotting: 25x5 to 1x1, 64 channels. Vela says 5,400 in all.
  @Test func poolWalksThroughItsWindow() {
    let block = TargetDescription.Block(height: 1, width: 1, depth: 64)
    let kernel = Spatial(height: 25, width: 5)
    #expect(target.poolCycles(block: block, kernel: kernel, isMaximum: false) == 8 * 125 * 4)
    // A window of one element takes as long as one of 4.
    #expect(target.poolCycles(block: block, kernel: .one, isMaximum: false) == 8 * 4 * 4)
  }

  @Test func hostTakesItsCallAndItsWork() {
    #expect(target.hostCycles(macs: 0, elements: 0) == 1000)
    #expect(target.hostCycles(macs: 100, elements: 1) == 1000 + 50 + 10)
  }
}
