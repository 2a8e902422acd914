import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Scores far below 0 that need no steps.
struct ClipOutliersTests {
  /// Numbers times 1, so that scores are what the samples hold.
  private static let scores = """
    graph scores(%x: f32[1, 20]) {
      %w = constant(dense(1)) : f32[1, 1]
      %column = reshape(%x) {shape: [20, 1]} : f32[20, 1] from A 0
      %y = fully_connected(%column, %w) : f32[20, 1] from B 1
      return %y
    }
    """

  private static func inputs(_ numbers: [Double]) -> Calibration.Inputs {
    Calibration.Inputs(count: 2) { _ in [Tensor(TensorType(.f32, [1, 20]), numbers: numbers)] }
  }

  /// Nineteen scores near −4, one of them positive, and one more.
  private static func numbers(and last: Double) -> [Double] {
    (0..<18).map { -4 - Double($0 % 5) / 8 } + [1, last]
  }

  private static func model(
    _ text: String, _ scheme: String, _ inputs: Calibration.Inputs,
    _ methods: [QuantizationMethod], workers: Workers = .one
  ) throws -> QuantizedModel {
    try QuantizedModel(
      Graph.parsed(text),
      MethodContext(
        plan: QuantizationPlan(try QuantizationScheme(scheme)), inputs: inputs, ranges: .minMax,
        workers: workers),
      methods: methods)
  }

  private static func outputRange(_ model: QuantizedModel) -> ClosedRange<Float>? {
    model.graph.outputs.first.flatMap { model.ranges[$0] }
  }

  @Test(arguments: ["int8", "w4a8"])
  func scoresNearTheLargestGetFinerSteps(scheme: String) throws {
    let inputs = Self.inputs(Self.numbers(and: -10_000))
    let plain = try Self.model(Self.scores, scheme, inputs, [])
    let clipped = try Self.model(Self.scores, scheme, inputs, [.clipOutliers])
    #expect(Self.outputRange(plain)?.lowerBound == -10_000)
    #expect(Self.outputRange(clipped) == -16...1)
  }

  @Test(
    "what does not look like scores keeps its range",
    arguments: [
      ClipOutliersTests.numbers(and: -31), ClipOutliersTests.numbers(and: 17),
      ClipOutliersTests.numbers(and: -10_000).map { -$0 },
      ClipOutliersTests.numbers(and: -10_000).map { $0 * 8 },
    ])
  func othersKeepTheirRanges(numbers: [Double]) throws {
    let inputs = Self.inputs(numbers)
    let plain = try Self.model(Self.scores, "int8", inputs, [])
    let clipped = try Self.model(Self.scores, "int8", inputs, [.clipOutliers])
    #expect(Self.outputRange(clipped) == Self.outputRange(plain))
  }

  @Test func outputsThatALayerReadsKeepTheirRanges() throws {
    let text = """
      graph read(%x: f32[1, 20]) {
        %w = constant(dense(1)) : f32[1, 1]
        %column = reshape(%x) {shape: [20, 1]} : f32[20, 1] from A 0
        %y = fully_connected(%column, %w) : f32[20, 1] from B 1
        %z = fully_connected(%y, %w) : f32[20, 1] from C 2
        return %y
      }
      """
    let inputs = Self.inputs(Self.numbers(and: -10_000))
    let model = try Self.model(text, "int8", inputs, [.clipOutliers])
    #expect(Self.outputRange(model)?.lowerBound == -10_000)
  }

  @Test func zerosAndThreadsChangeNothing() throws {
    for numbers in [Self.numbers(and: -10_000), [Double](repeating: 0, count: 20)] {
      let ranges = try [1, 3].map { count in
        Self.outputRange(
          try Self.model(
            Self.scores, "int8", Self.inputs(numbers), [.clipOutliers],
            workers: Workers(count: count)))
      }
      #expect(ranges[0] == ranges[1])
    }
  }
}
