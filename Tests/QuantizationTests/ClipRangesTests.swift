import Evaluation
import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Ranges that rare numbers far beyond the others are left out of.
struct ClipRangesTests {
  /// The hyperbolic tangent tells a number of 30 from no other above 4, and sixteen steps are few.
  private static func network() throws -> Graph {
    var graph = Graph(name: "network")
    let type = TensorType(.f32, [1, 4096])
    let x = graph.addInput("x", type)
    let far = (0..<4096).map { $0 == 7 ? 30 : 0 as Float }
    let sum = try graph.insert(Add(), [x, graph.addConstant("far", type, TensorData(far))])[0]
    graph.rename(sum, "sum", sourceIndex: nil)
    graph.setOutputs(try graph.insert(Tanh(), [sum]))
    return graph
  }

  @Test func rareNumbersAreClippedWhereOutputsGain() throws {
    let (plain, clipped) = try (Self.scales([]), Self.scales([.clipRanges]))
    #expect(clipped.sum < plain.sum / 2)
    #expect(clipped.input == plain.input, "what is cut off an input is lost to all layers")
  }

  @Test func rangesStayWhereThereIsNothingToGain() throws {
    let none = Calibration.Inputs(count: 4) { _ in [Self.row { _ in 0 }] }
    #expect(try Self.scales([.clipRanges], none) == Self.scales([], none))
  }

  @Test func rangesThatWereAskedForStay() throws {
    let asked = try Self.scales([.clipRanges], ranges: .minMax)
    #expect(try asked == Self.scales([], ranges: .minMax))
  }

  private struct Scales: Equatable {
    let input: Float
    let sum: Float
  }

  private static func scales(
    _ methods: [QuantizationMethod], _ inputs: Calibration.Inputs = inputs,
    ranges: RangeMethod = .expected
  ) throws -> Scales {
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("w8a4")), inputs: inputs, ranges: ranges)
    let graph = try QuantizedModel(network(), context, methods: methods)
      .quantizedGraph()
    return Scales(
      input: try #require(graph.quantization(of: "x_quantized")).scale,
      sum: try #require(graph.quantization(of: "sum_quantized")).scale)
  }

  private static let inputs = Calibration.Inputs(count: 4) { index in
    let noise = Numbers.normal(4096, seed: UInt64(index))
    return [row { noise[$0] }]
  }

  private static func row(_ number: (Int) -> Float) -> Tensor {
    Tensor(TensorType(.f32, [1, 4096]), TensorData((0..<4096).map(number)))
  }
}
