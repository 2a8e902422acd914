import Evaluation
import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Values whose ends the functions behind them do not feel.
struct SaturateTests {
  /// Numbers times 1 before a function.
  private static func network(_ function: String, reads other: String = "") -> String {
    """
    graph network(%x: f32[20, 1]) {
      %w = constant(dense(1)) : f32[1, 1]
      %dense = fully_connected(%x, %w) : f32[20, 1] from A 0
      %flat = reshape(%dense) {shape: [1, 20]} : f32[1, 20] from B 1
      %y = \(function)(%flat) : f32[1, 20] from C 2
      \(other)
      return %y
    }
    """
  }

  private static let inputs = Calibration.Inputs(count: 2) { _ in
    [Tensor(TensorType(.f32, [20, 1]), numbers: (0..<20).map { 4 - 2 * Double($0) })]
  }

  private static func model(
    _ text: String, _ scheme: String = "int8", _ methods: [QuantizationMethod] = [.saturate],
    _ inputs: Calibration.Inputs = inputs
  ) throws -> QuantizedModel {
    try QuantizedModel(
      Graph.parsed(text),
      MethodContext(
        plan: QuantizationPlan(try QuantizationScheme(scheme)), inputs: inputs, ranges: .minMax),
      methods: methods)
  }

  private static func range(_ model: QuantizedModel) throws -> ClosedRange<Float> {
    try #require(model.graph.value(named: "dense").flatMap { model.ranges[$0] })
  }

  @Test(arguments: ["int8", "w4a8"])
  func whatHardSwishMakesZeroOfNeedsNoSteps(scheme: String) throws {
    let text = Self.network("hard_swish")
    #expect(try Self.range(Self.model(text, scheme, [])) == -34...4)
    let range = try Self.range(Self.model(text, scheme))
    #expect(range.lowerBound < -3 && range.lowerBound > -3.2)
    #expect(range.upperBound > 3.9)
  }

  /// Weights make the range wide, so that steps of the input play no part.
  @Test(arguments: ["hard_swish", "gelu", "logistic"])
  func outputsComeNearer(function: String) throws {
    let text = """
      graph network(%x: f32[16, 1]) {
        %w = constant(dense(-40, -30, -20, -10, -4, -3, -2, -1, 1, 2, 3, 4)) : f32[12, 1]
        %dense = fully_connected(%x, %w) : f32[16, 12] from A 0
        %y = \(function)(%dense) : f32[16, 12] from B 1
        return %y
      }
      """
    let numbers = (0..<16).map { Double($0) / 15 }
    let inputs = Calibration.Inputs(count: 1) { _ in
      [Tensor(TensorType(.f32, [16, 1]), numbers: numbers)]
    }
    let plain = try Self.model(text, "int8", [], inputs)
    let limited = try Self.model(text, "int8", [.saturate], inputs)
    #expect(try Self.noise(limited, inputs) < Self.noise(plain, inputs) / 2)
  }

  private static func noise(_ model: QuantizedModel, _ inputs: Calibration.Inputs) throws -> Double
  {
    let inputs = try inputs.at(0)
    let found = try model.quantizedGraph().evaluate(inputs)[0].storedNumbers
    let expected = try model.graph.evaluate(inputs)[0].storedNumbers
    return zip(found, expected).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
  }

  @Test(
    "what something else reads keeps its range",
    arguments: ["%z = add(%flat, %flat) : f32[1, 20]", "%z = mul(%dense, %dense) : f32[20, 1]"])
  func othersKeepTheirRanges(other: String) throws {
    let text = Self.network("hard_swish", reads: other)
    #expect(try Self.range(Self.model(text)) == Self.range(Self.model(text, "int8", [])))
  }

  @Test func functionsThatTellAllNumbersApartChangeNothing() throws {
    let text = Self.network("leaky_relu")
    #expect(try Self.range(Self.model(text)) == -34...4)
  }
}
