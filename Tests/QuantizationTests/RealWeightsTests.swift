import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Networks whose weights are stored already, but not what they compute with.
struct RealWeightsTests {
  private static let network = """
    graph net(%x: f32[1, 2]) {
      %w = constant(dense(1, 2, -3, 4)) : i8<axis 0, 0.25, 0.5>[2, 2]
      %y = fully_connected(%x, %w) : f32[1, 2]
      %z = fully_connected(%y, %w) : f32[1, 2]
      return %z
    }
    """

  @Test func weightsOfDynamicRangeBecomeRealOnes() throws {
    var graph = try GraphParser(Self.network, operators: Operators.all).graph
    graph.dequantizeWeights()
    let weights = graph.order.map { graph.nodes[$0].inputs[1] }
    #expect(weights[0] == weights[1] && graph.values[weights[0]].name == "w")
    let data = try #require(graph.constantData(weights[0]))
    #expect(data.elements(as: Float.self) == [0.25, 0.5, -1.5, 2])
  }

  @Test func theyAreQuantizedAsOthersAre() throws {
    var graph = try GraphParser(Self.network, operators: Operators.all).graph
    graph.dequantizeWeights()
    let model = try QuantizedModel(graph, Self.context())
    #expect(model.weightedLayers.count == 2)
  }

  private static func context() throws -> MethodContext {
    let inputs = Calibration.Inputs(count: 1) { _ in
      [Tensor(TensorType(.f32, [1, 2]), numbers: [1, -2])]
    }
    return MethodContext(
      plan: QuantizationPlan(.integers(weights: 8, activations: 8)), inputs: inputs, ranges: .minMax
    )
  }
}
