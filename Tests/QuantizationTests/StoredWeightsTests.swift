import Tensors
import Testing

import Quantization

/// Weights as they are stored.
struct StoredWeightsTests {
  private static let shape: Shape = [4, 1, 2, 16]

  @Test(
    arguments: [2, 4, 8], [.tensor, .channel, .group(8)] as [TensorScheme.Granularity])
  func numbersAreWithinHalfAStep(bits: Int, granularity: TensorScheme.Granularity) {
    let weights = Numbers.normal(Self.shape.elementCount, seed: 3)
    for isSymmetric in [true, false] {
      let scheme = TensorScheme(.integer(bits: bits), granularity, isSymmetric: isSymmetric)
      let stored = StoredWeights(weights, Self.shape, channelAxis: 0, scheme)
      let group = weights.count / stored.scales.count
      for (index, number) in stored.realNumbers.enumerated() {
        let scale = stored.scales[index / group]
        #expect(abs(number - weights[index]) <= 0.501 * scale)
        let level = Int(stored.steps[index]) + stored.zeroPoints[index / group]
        #expect(scheme.format.levels(isSymmetric: isSymmetric)?.contains(level) == true)
      }
    }
  }

  /// Groups that do not divide a channel, or are no smaller than one, are channels.
  @Test(
    arguments: [
      (.tensor, 1), (.channel, 4), (.group(16), 8), (.group(8), 16), (.group(32), 4),
      (.group(5), 4),
      (.group(64), 4),
    ] as [(TensorScheme.Granularity, Int)])
  func scalesAreAsManyAsAskedFor(granularity: TensorScheme.Granularity, count: Int) {
    let stored = StoredWeights(
      Numbers.normal(Self.shape.elementCount, seed: 3), Self.shape, channelAxis: 0,
      TensorScheme(.integer(bits: 8), granularity))
    #expect(stored.scales.count == count && stored.zeroPoints.count == count)
  }

  /// Of depthwise convolutions channels are the last axis: each second number here.
  @Test func channelsMayLieInsideOut() {
    let stored = StoredWeights(
      [127, 1.5, -64, 0.5, 32, -2], [1, 3, 1, 2], channelAxis: 3,
      TensorScheme(.integer(bits: 8), .channel))
    #expect(stored.scales == [1, Float(2.0 / 127)])
    #expect(stored.steps == [127, 95, -64, 32, 32, -127])
  }

  @Test func largestWeightIsStoredExactly() {
    let stored = StoredWeights(
      [0.1, -0.7, 0.3, 0.7], [1, 4], channelAxis: 0, TensorScheme(.integer(bits: 4), .channel))
    #expect(stored.scales == [Float(Double(Float(0.7)) / 7)])
    #expect(stored.steps == [1, -7, 3, 7])
  }

  @Test func channelsOfZerosStayZero() {
    for scheme in [TensorScheme(.integer(bits: 4), .channel), TensorScheme(.float(.f8e4m3))] {
      let stored = StoredWeights([0, 0, 0, 0], [2, 2], channelAxis: 0, scheme)
      #expect(stored.realNumbers == [0, 0, 0, 0])
      #expect(stored.scales.allSatisfy { $0 > 0 && $0.isFinite })
    }
  }

  @Test func clippingByErrorIsNoWorseThanNone() {
    let weights = Numbers.normal(512, seed: 7)
    func error(_ clipping: WeightClipping) -> Float {
      let stored = StoredWeights(
        weights, [2, 256], channelAxis: 0, TensorScheme(.integer(bits: 3), .channel),
        clipping: clipping)
      return zip(stored.realNumbers, weights).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    #expect(error(.meanSquaredError) < 0.8 * error(.none))
  }

  @Test func scalesAreNoSmallerThanABiasNeeds() {
    let stored = StoredWeights(
      [1, 1, 1, 1], [2, 2], channelAxis: 0, TensorScheme(.integer(bits: 8), .channel),
      smallestScale: { $0 == 1 ? 0.25 : 0 })
    #expect(stored.scales[0] == Float(1.0 / 127))
    #expect(stored.scales[1] >= 0.25 && stored.scales[1] < 0.2501)
    #expect(stored.steps == [127, 127, 4, 4])
  }

  /// 16-bit floats have no scale: 1 + 2⁻¹¹ lies between 1 and 1 + 2⁻¹⁰, and goes to the even one.
  @Test func halvesStandAsTheyAre() {
    let stored = StoredWeights(
      [1 + 0x1p-11, 1 + 0x1p-10, -3], [3, 1], channelAxis: 0, TensorScheme(.float(.f16), .channel))
    #expect(stored.scales == [1])
    #expect(stored.realNumbers == [1, 1 + 0x1p-10, -3])
  }
}
