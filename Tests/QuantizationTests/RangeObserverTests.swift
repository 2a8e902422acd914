import Foundation
import GraphIR
import Quantization
import Support
import Tensors
import Testing

struct RangeObserverTests {
  static let methods: [RangeMethod] = [
    .minMax, .expected, .movingAverage(0.5), .percentile(99), .meanSquaredError, .entropy,
  ]

  /// A million numbers of a normal distribution with σ = 1.
  private static let normal = Numbers.normal(1 << 20, seed: 3)

  @Test func nothingIsKnownOfNothing() throws {
    for method in Self.methods {
      var observer = RangeObserver(method)
      try observer.observe([])
      #expect(observer.extremes == nil)
      #expect(observer.range(levels: 256, isSymmetric: false) == nil)
    }
  }

  @Test(arguments: methods)
  func zerosAloneHaveAnEmptyRange(method: RangeMethod) throws {
    let observer = try RangeObserver(method, [[0, -0.0, 0]])
    #expect(observer.extremes == 0...0)
    #expect(observer.range(levels: 256, isSymmetric: false) == 0...0)
    #expect(observer.range(levels: 256, isSymmetric: true) == 0...0)
  }

  @Test(arguments: methods, [2, 16, 256, 65536])
  func rangesContainZeroAndStayWithinTheExtremes(method: RangeMethod, levels: Int) throws {
    for (scale, shift) in [(1, 0), (1, 5), (3, -20), (1e-30, 0), (1e30, 1e30), (1e-38, 0)] {
      let numbers = Numbers.normal(500, seed: 9).map { $0 * Float(scale) + Float(shift) }
      let observer = try RangeObserver(method, [numbers])
      let (least, largest) = (min(0, numbers.min()!), max(0, numbers.max()!))
      let range = try #require(observer.range(levels: levels, isSymmetric: false))
      #expect(range.contains(0) && (least...largest).contains(range.lowerBound))
      #expect((least...largest).contains(range.upperBound))
      let symmetric = try #require(observer.range(levels: levels, isSymmetric: true))
      #expect(symmetric.lowerBound == -symmetric.upperBound)
      #expect(symmetric.upperBound <= max(-least, largest))
      #expect(symmetric.upperBound > 0)
    }
  }

  @Test(arguments: [Float.nan, -.nan, .infinity, -.infinity], [0, 17, 40])
  func whatHasNoRangeIsReported(number: Float, position: Int) throws {
    var numbers = Numbers.normal(41, seed: 1)
    numbers[position] = number
    for method in Self.methods {
      var observer = try RangeObserver(method, [[1, 2]])
      let problem = try #require(throws: Diagnostic.self) { try observer.observe(numbers) }
      #expect(problem.message.id == "non-finite-value")
      #expect(problem.message.text.contains("position \(position)"))
      #expect(observer.extremes == 1...2)
    }
  }

  @Test func extremesAreThoseOfAllSamples() throws {
    let observer = try RangeObserver(.minMax, [[1, 2], [-3], [0.5]])
    #expect(observer.extremes == -3...2)
    #expect(observer.range(levels: 256, isSymmetric: false) == -3...2)
    #expect(observer.range(levels: 256, isSymmetric: true) == -3...3)
    let positive = try RangeObserver(.minMax, [[1, 2]])
    #expect(positive.extremes == 1...2)
    #expect(positive.range(levels: 256, isSymmetric: false) == 0...2)
  }

  /// By hand: −2 + (−4 + 2) / 4 = −2.5, 4 + (0 − 4) / 4 = 3.
  @Test func averagesMoveTowardsEachSample() throws {
    let observer = try RangeObserver(.movingAverage(0.25), [[-2, 4], [-4, 0]])
    #expect(observer.range(levels: 256, isSymmetric: false) == -2.5...3)
    #expect(observer.range(levels: 256, isSymmetric: true) == -3...3)
  }

  @Test(arguments: [90.0, 99, 99.9, 100])
  func percentilesAreThoseOfTheSortedNumbers(percentage: Double) throws {
    let numbers = Numbers.normal(20000, seed: 4).map { $0 > 1 ? $0 * 3 : $0 }
    let observer = try RangeObserver(.percentile(percentage), [numbers])
    // A bin has a hundredth, and the outermost numbers are some hundredths apart.
    let width: Float = 0.05
    let range = try #require(observer.range(levels: 256, isSymmetric: false))
    let (sorted, tail) = (numbers.sorted(), Int((1 - percentage / 100) * 10000))
    #expect(abs(range.lowerBound - sorted[tail]) < width)
    #expect(abs(range.upperBound - sorted[sorted.count - 1 - tail]) < width)
    let symmetric = try #require(observer.range(levels: 256, isSymmetric: true))
    let magnitudes = numbers.map { abs($0) }.sorted()
    #expect(abs(symmetric.upperBound - magnitudes[magnitudes.count - 1 - 2 * tail]) < width)
  }

  @Test func percentilesOfNearlyNothingButZerosAreTheExtremes() throws {
    let observer = try RangeObserver(.percentile(99), [[Float](repeating: 0, count: 1000) + [5]])
    #expect(observer.range(levels: 256, isSymmetric: false) == 0...5)
    #expect(observer.range(levels: 256, isSymmetric: true) == -5...5)
  }

  /// Source: Banner, Nahshan and Soudry, "Post training 4-bit quantization of convolutional networks for
  /// rapid-deployment", NeurIPS 2019: 2.15 σ for 3 bits, 2.55 for 4, 3.28 for 6, 3.92 for 8, where a step is the
  /// range over 2ᵇ, not 2ᵇ − 1 as here.
  @Test(arguments: [(9, 2.15), (17, 2.55), (65, 3.28), (257, 3.92)])
  func leastSquaresClipNormalNumbersAsPublished(levels: Int, sigmas: Double) throws {
    let observer = try RangeObserver(.meanSquaredError, [Self.normal])
    let range = try #require(observer.range(levels: levels, isSymmetric: false))
    #expect(abs(Double(range.upperBound) - sigmas) < 0.06)
    #expect(abs(Double(range.lowerBound) + sigmas) < 0.06)
    // A symmetric range has one level less.
    let symmetric = try #require(observer.range(levels: levels + 1, isSymmetric: true))
    #expect(abs(Double(symmetric.upperBound) - sigmas) < 0.06)
  }

  @Test(arguments: methods.filter { $0 != .movingAverage(0.5) && $0 != .percentile(99) })
  func zerosDoNotMatter(method: RangeMethod) throws {
    let numbers = Numbers.normal(5000, seed: 8).map { max(0, $0) }
    let without = try RangeObserver(method, [numbers.filter { $0 != 0 }])
    let with = try RangeObserver(method, [numbers + [Float](repeating: 0, count: 50000)])
    #expect(
      with.range(levels: 16, isSymmetric: false) == without.range(levels: 16, isSymmetric: false))
  }

  @Test(arguments: methods.filter { $0 != .movingAverage(0.5) && $0 != .expected })
  func orderAndPartsDoNotMatter(method: RangeMethod) throws {
    let numbers = Numbers.normal(3000, seed: 6).enumerated().map { $1 * Float($0 % 7) }
    let whole = try RangeObserver(method, [numbers])
    let parts = try RangeObserver(
      method, [Array(numbers[2000...]), Array(numbers[..<10]), Array(numbers[10..<2000])])
    let growing = try RangeObserver(method, numbers.sorted { abs($0) < abs($1) }.map { [$0] })
    for levels in [16, 256] {
      for isSymmetric in [false, true] {
        let range = whole.range(levels: levels, isSymmetric: isSymmetric)
        #expect(parts.range(levels: levels, isSymmetric: isSymmetric) == range)
        #expect(growing.range(levels: levels, isSymmetric: isSymmetric) == range)
      }
    }
  }
}

struct RangeMethodTests {
  @Test func samplesToComeReachFartherWhereExtremesScatter() throws {
    // Means of 10 and 2, deviations of 2 and 0.
    let observer = try RangeObserver(.expected, [[-2, 8], [-2, 12]])
    #expect(observer.range(levels: 256, isSymmetric: false) == -2...15)
    #expect(observer.range(levels: 256, isSymmetric: true) == -15...15)
    #expect(observer.extremes == -2...12)
  }

  @Test func boundsThatSeveralSamplesReachAreKept() throws {
    let observer = try RangeObserver(.expected, [[0, 255], [3, 40], [0, 255], [7, 90]])
    #expect(observer.range(levels: 256, isSymmetric: false) == 0...255)
  }

  @Test func expectedRangesAreThoseOfNetworksInputsAlone() throws {
    let graph = try Graph.parsed(
      """
      graph net(%x: f32[1, 4]) {
        %y = abs(%x) : f32[1, 4]
        return %y
      }
      """)
    let inputs = Calibration.Inputs(count: 2) { index in
      [Tensor(TensorType(.f32, [1, 4]), numbers: [0, 0, 0, index == 0 ? 8 : 12])]
    }
    let plan = QuantizationPlan(try QuantizationScheme("int8"))
    let model = try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: inputs, ranges: .expected))
    let scale = { name in try model.integerGraph().quantization(of: name)?.scale }
    #expect(try scale("x_quantized") == 15 / 255)
    #expect(try scale("y_quantized") == 12 / 255)
  }

  @Test func textsAreReadBack() throws {
    for method in RangeObserverTests.methods {
      #expect(try RangeMethod(method.description) == method)
      let coded = try JSONEncoder().encode([method])
      #expect(try JSONDecoder().decode([RangeMethod].self, from: coded) == [method])
    }
    #expect(try RangeMethod("percentile") == .percentile(99.99))
    #expect(try RangeMethod("percentile:99.9") == .percentile(99.9))
  }

  @Test(arguments: [
    "", "max", "mse:1", "percentile:", "percentile:x", "percentile:50", "percentile:101",
    "percentile:nan", "moving-average:0", "moving-average:1.5", "min-max:",
  ])
  func otherTextsAreRefused(text: String) throws {
    let problem = try #require(throws: Diagnostic.self) { try RangeMethod(text) }
    #expect(problem.message.id == "range-method")
    #expect(problem.help != nil)
  }
}
