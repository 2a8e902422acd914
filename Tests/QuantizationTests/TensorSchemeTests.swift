import Tensors
import Testing

import Quantization

/// Scales and zero points against computations by hand.
struct TensorSchemeTests {
  private static let asymmetric = TensorScheme(.integer(bits: 8), isSymmetric: false)
  private static let symmetric = TensorScheme(.integer(bits: 8))

  /// 255 steps from −1 to 2: zero is 85 steps above the least number, and −128 + 85 = −43.
  @Test func asymmetricRangesUseAllLevels() {
    let found = Self.asymmetric.quantization(for: -1...2)
    #expect(found == Quantization(scale: 3 / 255, zeroPoint: -43))
  }

  @Test(
    arguments: [
      -1...2, -0.3...0.7, 0.5...2, -3 ... -1, 0...1e30, -1e-30...1, -1000...0.001,
    ] as [ClosedRange<Float>])
  func zeroIsALevel(range: ClosedRange<Float>) {
    let found = Self.asymmetric.quantization(for: range)
    #expect((-128...127).contains(found.zeroPoint))
    let (lower, upper) = (min(range.lowerBound, 0), max(range.upperBound, 0))
    // The levels reach both ends, but for the half step that zero may have been moved by.
    #expect(Float(-128 - found.zeroPoint) * found.scale <= lower + 0.501 * found.scale)
    #expect(Float(127 - found.zeroPoint) * found.scale >= upper - 0.501 * found.scale)
  }

  /// Ranges are extended to 0: above it zero is the least level, below it the largest.
  @Test func rangesOnOneSideBeginAtZero() {
    let above = Self.asymmetric.quantization(for: 1...2.55)
    #expect(above == Quantization(scale: Float(Double(Float(2.55)) / 255), zeroPoint: -128))
    #expect(Self.asymmetric.quantization(for: -2 ... -1).zeroPoint == 127)
  }

  /// 127 steps on either side, of which one reaches the largest number.
  @Test func symmetricRangesHaveNoZeroPoint() {
    #expect(Self.symmetric.quantization(for: -1...2) == Quantization(scale: Float(2.0 / 127)))
    #expect(Self.symmetric.quantization(for: -3...2) == Quantization(scale: Float(3.0 / 127)))
    let words = TensorScheme(.integer(bits: 16)).quantization(for: -1...1)
    #expect(words == Quantization(scale: Float(1.0 / 32767)))
    let few = TensorScheme(.integer(bits: 3)).quantization(for: -1...1)
    #expect(few == Quantization(scale: Float(1.0 / 3)))
  }

  /// The least power of two that is no less than 2/127, 1/127 and 3/255.
  @Test func powersOfTwoAreNoLessThanAskedFor() {
    var scheme = Self.symmetric
    scheme.hasPowerOfTwoScales = true
    #expect(scheme.quantization(for: -2...2).scale == 1.0 / 32)
    #expect(scheme.quantization(for: -127.0 / 128...0).scale == 1.0 / 128)
    scheme.isSymmetric = false
    #expect(scheme.quantization(for: -1...2) == Quantization(scale: 1.0 / 64, zeroPoint: -64))
  }

  /// 448 is the largest number of e4m3, 57344 that of e5m2.
  @Test func floatsOfEightBitsReachTheLargestNumber() {
    let scale = TensorScheme(.float(.f8e4m3)).quantization(for: -7...3.5).scale
    #expect(scale == 7.0 / 448)
    #expect(TensorScheme(.float(.f8e5m2)).quantization(for: 0...7).scale == 7.0 / 57344)
  }

  @Test(arguments: [asymmetric, symmetric, TensorScheme(.float(.f8e4m3))], [false, true])
  func emptyRangesHaveAScale(scheme: TensorScheme, hasPowers: Bool) {
    var scheme = scheme
    scheme.hasPowerOfTwoScales = hasPowers
    for range in [0...0, 0...Float.leastNonzeroMagnitude] {
      let found = scheme.quantization(for: range)
      #expect(found.problem(for: [1], .i8) == nil)
      #expect(found.scale == 0x1p-60)
    }
  }

  @Test func widestRangesHaveAFiniteScale() {
    let all = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
    for scheme in [Self.asymmetric, Self.symmetric] {
      #expect(scheme.quantization(for: all).scale.isFinite)
    }
  }

  @Test func levelsAreThoseOfTheBits() {
    #expect(NumberFormat.integer(bits: 8).levels(isSymmetric: true) == -127...127)
    #expect(NumberFormat.integer(bits: 8).levels(isSymmetric: false) == -128...127)
    #expect(NumberFormat.integer(bits: 2).levels(isSymmetric: true) == -1...1)
    #expect(NumberFormat.integer(bits: 16).levels(isSymmetric: false) == -32768...32767)
    #expect(NumberFormat.float(.f16).levels(isSymmetric: true) == nil)
    #expect(NumberFormat.block(.f6e3m2).levels(isSymmetric: true) == nil)
  }

  @Test func bitWidthsAreThoseOfOneNumber() {
    #expect(NumberFormat.integer(bits: 5).bitWidth == 5)
    #expect(NumberFormat.float(.bf16).bitWidth == 16)
    #expect(NumberFormat.block(.f6e3m2).bitWidth == 6)
  }

  /// The scales that TFLite fixes for softmax and its like are powers of two already.
  @Test(arguments: [
    ("int8,scales=power-of-two", Quantization(scale: 1 / 256, zeroPoint: -128)),
    ("int16x8,scales=power-of-two", Quantization(scale: 1 / 32768)),
    ("int8", Quantization(scale: 1 / 256, zeroPoint: -128)),
  ])
  func fixedScalesStayWithPowersOfTwo(scheme: String, expected: Quantization) throws {
    let graph = try QuantizedModel(Networks.classifier, scheme).integerGraph(hasIntegerPorts: true)
    #expect(graph.quantization(of: "y") == expected)
    let dense = try #require(graph.quantization(of: "dense")).scale
    #expect(dense.significand == 1 || scheme == "int8")
  }
}
