import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Biases that make up for what quantization does to means.
struct CorrectBiasTests {
  /// Two layers with a ReLU between.
  private static func network(hasBias: Bool) throws -> Graph {
    var graph = Graph(name: "network")
    let image = graph.addInput("image", TensorType(.f32, [1, 6, 6, 3]))
    let first = try graph.insert(
      Conv2D(padding: .same, clamp: .relu),
      [image] + constants(of: &graph, [8, 3, 3, 3], hasBias, seed: 1))[0]
    let second = try graph.insert(
      Conv2D(), [first] + constants(of: &graph, [4, 1, 1, 8], hasBias, seed: 2))[0]
    graph.rename(second, "scores", sourceIndex: nil)
    graph.setOutputs([second])
    return graph
  }

  private static func constants(
    of graph: inout Graph, _ shape: Shape, _ hasBias: Bool, seed: UInt64
  ) -> [ValueID] {
    let weights = graph.addConstant(
      "weights\(seed)", TensorType(.f32, shape),
      TensorData(Numbers.normal(shape.elementCount, seed: seed)))
    guard hasBias else { return [weights] }
    return [
      weights,
      graph.addConstant(
        "bias\(seed)", TensorType(.f32, [shape[0]]),
        TensorData(Numbers.normal(shape[0], seed: seed + 10))),
    ]
  }

  private static let inputs = Calibration.Inputs(count: 6) { index in
    let numbers = Numbers.normal(6 * 6 * 3, seed: UInt64(100 + index)).map { $0 + 0.5 }
    return [Tensor(TensorType(.f32, [1, 6, 6, 3]), TensorData(numbers))]
  }

  private static func model(
    _ graph: Graph, _ scheme: String, _ methods: [QuantizationMethod]
  ) throws -> QuantizedModel {
    let plan = QuantizationPlan(try QuantizationScheme(scheme))
    return try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: inputs, ranges: .minMax), methods: methods)
  }

  /// How far the means of the output's channels are from those of another graph, the largest of all.
  private static func shift(_ graph: Graph, from other: Graph) throws -> Double {
    var sums = [Double](repeating: 0, count: 4)
    for index in 0..<inputs.count {
      let (a, b) = try (graph.evaluate(inputs.at(index))[0], other.evaluate(inputs.at(index))[0])
      for (place, pair) in zip(a.storedNumbers, b.storedNumbers).enumerated() {
        sums[place % 4] += (pair.0 - pair.1) / Double(36 * inputs.count)
      }
    }
    return sums.map(abs).max() ?? 0
  }

  /// With 8 bits the shifts are so small that held-out samples may tell none from chance.
  @Test(arguments: [("int8", 1.0), ("w4a8", 1.0 / 3)], [true, false])
  func meansOfChannelsAreThoseOfTheNetworkOfRealNumbers(
    bar: (scheme: String, part: Double), hasBias: Bool
  ) throws {
    let graph = try Self.network(hasBias: hasBias)
    let plain = try Self.model(graph, bar.scheme, []).quantizedGraph()
    let corrected = try Self.model(graph, bar.scheme, [.correctBias]).quantizedGraph()
    let (before, after) = try (Self.shift(plain, from: graph), Self.shift(corrected, from: graph))
    #expect(after <= bar.part * before)
  }

  @Test func layersWithoutABiasGetOneAndKeepTheirNames() throws {
    let graph = try Self.network(hasBias: false)
    let model = try Self.model(graph, "int8", [.correctBias])
    #expect(model.weightedLayers.count == 2)
    #expect(model.weightedLayers.allSatisfy { model.graph.nodes[$0].inputs.count == 3 })
    #expect(model.graph.outputs.map { model.graph.values[$0].name } == ["scores"])
  }

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    let graph = try Self.network(hasBias: true)
    let biases = try [1, 3].map { count in
      let context = MethodContext(
        plan: QuantizationPlan(try QuantizationScheme("w4a8")), inputs: Self.inputs,
        ranges: .minMax, workers: Workers(count: count))
      let model = try QuantizedModel(graph, context, methods: [.correctBias])
      return model.weightedLayers.map { model.biases[$0] ?? [] }
    }
    #expect(biases[0] == biases[1])
    #expect(biases[0].allSatisfy { !$0.isEmpty })
  }

  @Test func zeroWeightsAndInputsGiveNumbers() throws {
    var graph = Graph(name: "zeros")
    let x = graph.addInput("x", TensorType(.f32, [1, 3]))
    let weights = graph.addConstant(
      "w", TensorType(.f32, [2, 3]), TensorData([Float](repeating: 0, count: 6)))
    graph.setOutputs([try graph.insert(FullyConnected(), [x, weights])[0]])
    let inputs = Calibration.Inputs(count: 1) { _ in
      [Tensor(TensorType(.f32, [1, 3]), numbers: [0, 0, 0])]
    }
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("int8")), inputs: inputs, ranges: .minMax)
    let model = try QuantizedModel(graph, context, methods: [.correctBias])
    #expect(try model.quantizedGraph().evaluate(inputs.at(0))[0].storedNumbers == [0, 0])
  }
}
