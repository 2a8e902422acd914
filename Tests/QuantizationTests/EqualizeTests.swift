import GraphIR
import Operators
import Support
import Tensors
import TestSupport
import Testing

import Quantization

/// Channels that get like ranges.
struct EqualizeTests {
  /// Three layers through a depthwise convolution, whose channels differ by factors of up to 100.
  private static func chain(_ clamp: Clamp) throws -> Graph {
    var graph = Graph(name: "chain")
    let image = graph.addInput("image", TensorType(.f32, [1, 6, 6, 3]))
    let first = try layer(
      Conv2D(clamp: clamp), image, [6, 1, 1, 3], &graph
    ) { [1, 0.01, 0.3, 0.05, 2, 0.1][$0 / 3] }
    let second = try layer(
      DepthwiseConv2D(padding: .same, clamp: clamp), first, [1, 3, 3, 6], &graph
    ) { [0.1, 3, 1, 0.02, 1, 0.5][$0 % 6] }
    let third = try layer(Conv2D(), second, [4, 1, 1, 6], &graph) { [1, 4, 0.1, 9, 1, 2][$0 % 6] }
    graph.setOutputs([third])
    return graph
  }

  private static func layer(
    _ op: any Operator, _ input: ValueID, _ shape: Shape, _ graph: inout Graph,
    factor: (Int) -> Float
  ) throws -> ValueID {
    let numbers = Numbers.normal(shape.elementCount, seed: UInt64(shape.elementCount))
    let weights = graph.addConstant(
      "weights", TensorType(.f32, shape),
      TensorData(numbers.enumerated().map { $1 * factor($0) }))
    return try graph.insert(op, [input, weights])[0]
  }

  private static let inputs = Calibration.Inputs(count: 4) { index in
    let numbers = Numbers.normal(6 * 6 * 3, seed: UInt64(100 + index))
    return [Tensor(TensorType(.f32, [1, 6, 6, 3]), TensorData(numbers))]
  }

  private static func model(
    _ graph: Graph, _ scheme: String, _ methods: [QuantizationMethod]
  ) throws -> QuantizedModel {
    let plan = QuantizationPlan(try QuantizationScheme(scheme))
    return try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: inputs, ranges: .minMax), methods: methods)
  }

  private static func noise(_ graph: Graph, _ other: Graph) throws -> Double {
    let input = try inputs.at(0)
    let (a, b) = try (graph.evaluate(input)[0], other.evaluate(input)[0])
    return zip(a.storedNumbers, b.storedNumbers).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
  }

  @Test(arguments: ["int8,weights=tensor", "w4a8,weights=tensor"], [Clamp.none, .relu])
  func networkComputesTheSameAndItsNoiseFalls(scheme: String, clamp: Clamp) throws {
    let graph = try Self.chain(clamp)
    let plain = try Self.model(graph, scheme, [])
    let equalized = try Self.model(graph, scheme, [.equalize])
    #expect(equalized.graph != graph)
    let (a, b) = try (
      graph.evaluate(Self.inputs.at(1))[0], equalized.graph.evaluate(Self.inputs.at(1))[0]
    )
    #expect(a.firstDifference(from: b, tolerance: 1e-5) == nil)
    let before = try Self.noise(plain.quantizedGraph(), graph)
    #expect(try Self.noise(equalized.quantizedGraph(), graph) < before / 2)
  }

  @Test func channelsBehindALimitAndScalesPerChannelStayAsTheyAre() throws {
    let limited = try Self.chain(.relu6)
    #expect(try Self.model(limited, "int8,weights=tensor", [.equalize]).graph == limited)
    let open = try Self.chain(.relu)
    #expect(try Self.model(open, "int8", [.equalize]).graph == open)
  }

  @Test func channelsOfZerosGiveNumbers() throws {
    var graph = Graph(name: "zeros")
    var value = graph.addInput("image", TensorType(.f32, [1, 6, 6, 3]))
    for shape: Shape in [[3, 1, 1, 3], [3, 1, 1, 3]] {
      value = try Self.layer(Conv2D(), value, shape, &graph) { $0 % 3 == 1 || $0 / 3 == 1 ? 0 : 1 }
    }
    graph.setOutputs([value])
    let model = try Self.model(graph, "int8,weights=tensor", [.equalize])
    #expect(try model.graph.evaluate(Self.inputs.at(0))[0].storedNumbers.allSatisfy(\.isFinite))
  }
}
