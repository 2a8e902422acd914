import Evaluation
import Foundation
import GraphIR
import Operators
import Support
import Tensors
import Testing

import Quantization

/// Methods that fit weights to what layers read.
struct FittedLayersTests {
  static let methods: [QuantizationMethod] = [.gptq, .adaround]

  /// On samples that were not calibrated with. With 8 bits most of the noise is that of activations here.
  @Test(
    arguments: methods.map(\.name),
    [("int8", 1.1), ("w4a8", 0.7), ("w4", 0.7), ("w4a8,weights=group:8", 0.7)])
  func outputsAreNearerToTheRealOnes(method: String, bar: (scheme: String, part: Double)) throws {
    let graph = try Self.network()
    let plain = try Self.noise(graph, bar.scheme, [])
    let fitted = try Self.noise(graph, bar.scheme, [.named(method)])
    #expect(fitted < bar.part * plain)
  }

  @Test(arguments: methods.map(\.name))
  func nothingDependsOnThreads(method: String) throws {
    let graph = try Self.network()
    let alone = try Self.model(graph, "w4a8", [.named(method)], .one)
    let shared = try Self.model(graph, "w4a8", [.named(method)], Workers(count: 3))
    for layer in alone.weightedLayers {
      #expect(alone.weights[layer]?.steps == shared.weights[layer]?.steps)
      #expect(alone.biases[layer] == shared.biases[layer])
    }
  }

  /// Where a layer reads nothing but 0, or always the same, any weights would do: none go far.
  @Test(arguments: methods.map(\.name), [0, 1, -3] as [Float])
  func constantInputsLeaveWeightsNearby(method: String, number: Float) throws {
    let graph = try Self.network()
    let inputs = Calibration.Inputs(count: 3) { _ in
      [Tensor(TensorType(.f32, [1, 8, 8, 4]), TensorData([Float](repeating: number, count: 256)))]
    }
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("w4a8")), inputs: inputs, ranges: .minMax)
    let model = try QuantizedModel(graph, context, methods: [.named(method)])
    for layer in model.weightedLayers {
      let stored = try #require(model.weights[layer])
      let numbers = try #require(graph.constantNumbers(graph.nodes[layer].inputs[1]))
      #expect(stored.steps.allSatisfy { -7...7 ~= $0 })
      #expect(model.biases[layer]?.allSatisfy(\.isFinite) != false)
      for (index, number) in stored.realNumbers.enumerated() {
        let scale = stored.scales[stored.map.scale(of: index)]
        #expect(abs(number - numbers[index]) < 4 * scale)
      }
    }
  }

  @Test func segmentsOneAfterTheOtherAreTheWholeGraph() throws {
    let graph = try Self.network()
    let input = try Self.inputs.at(5)
    var known = Dictionary(uniqueKeysWithValues: zip(graph.inputs, input))
    var place: NodeID?
    for last in graph.order.dropFirst().map({ Optional($0) }) + [nil] {
      let segment = try GraphSegment(graph, from: place, to: last)
      let results = try segment.graph.evaluate(segment.before.compactMap { known[$0] })
      known = Dictionary(zip(segment.after, results)) { first, _ in first }
      place = last
    }
    #expect(try graph.outputs.compactMap { known[$0] } == graph.evaluate(input))
  }

  /// Results that leave the graph before its last layer are needed again when outputs are compared.
  @Test(arguments: methods.map(\.name))
  func outputsBeforeTheLastLayerAreCompared(method: String) throws {
    let graph = try Graph.parsed(
      """
      graph early(%x: f32[1, 2, 2, 4], %h: f32[1, 4], %c: f32[1, 4]) {
        %w1 = constant(random(1)) : f32[4, 1, 1, 4]
        %w2 = constant(random(2)) : f32[3, 16]
        %early = conv2d(%x, %w1) : f32[1, 2, 2, 4] from A 0
        %both = exp(%h) : f32[1, 4] from B 1
        %sum = mul(%both, %c) : f32[1, 4] from C 2
        %flat = reshape(%early) {shape: [1, 16]} : f32[1, 16] from D 3
        %y = fully_connected(%flat, %w2) : f32[1, 3] from E 4
        return %early, %sum, %y
      }
      """)
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("w4a8")), inputs: graph.samples(8),
      ranges: .minMax)
    let model = try QuantizedModel(graph, context, methods: [.named(method)])
    #expect(try #require(model.fitGainDecibels) >= 0)
  }

  /// Each sample begins with the states that the network begins with.
  @Test(arguments: methods.map(\.name))
  func networksWithStatesAreFitted(method: String) throws {
    let graph = try Graph.parsed(
      """
      graph states(%x: f32[1, 8]) {
        %state = state(random(1)) : f32[1, 8]
        %w1 = constant(random(2)) : f32[8, 8]
        %w2 = constant(random(3)) : f32[4, 8]
        %sum = add(%x, %state) : f32[1, 8] from A 0
        %hidden = fully_connected(%sum, %w1) : f32[1, 8] from B 1
        %y = fully_connected(%hidden, %w2) : f32[1, 4] from C 2
        next %state = %hidden
        return %y
      }
      """)
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("w4a8")), inputs: graph.samples(8),
      ranges: .minMax)
    let model = try QuantizedModel(graph, context, methods: [.named(method)])
    #expect(try #require(model.fitGainDecibels) >= 0)
  }

  /// Noise power as a fraction of the signal's, on other samples than those of calibration.
  private static func noise(
    _ graph: Graph, _ scheme: String, _ methods: [QuantizationMethod]
  ) throws -> Double {
    let quantized = try model(graph, scheme, methods, .one).quantizedGraph()
    var (signal, noise) = (0.0, 0.0)
    for index in 40..<80 {
      let input = try inputs.at(index)
      let outputs = try zip(graph.evaluate(input), quantized.evaluate(input))
      for (real, stored) in outputs {
        for (a, b) in zip(
          real.data.elements(as: Float.self), stored.data.elements(as: Float.self))
        {
          signal += Double(a * a)
          noise += Double((a - b) * (a - b))
        }
      }
    }
    return noise / signal
  }

  private static func model(
    _ graph: Graph, _ scheme: String, _ methods: [QuantizationMethod], _ workers: Workers
  ) throws -> QuantizedModel {
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme(scheme)), inputs: inputs, ranges: .minMax,
      workers: workers)
    return try QuantizedModel(graph, context, methods: methods)
  }

  /// Images whose pixels and channels have much in common, as those of networks do.
  private static let inputs = Calibration.Inputs(count: 40) { index in
    let noise = Numbers.normal(256, seed: UInt64(index))
    let wave = Numbers.normal(3, seed: UInt64(1000 + index))
    let numbers = noise.indices.map { place in
      let (row, column, channel) = (place / 32, place / 4 % 8, place % 4)
      return wave[0] * Float(channel + 1) + wave[1] * Float(row) / 3 + wave[2] * Float(column) / 3
        + 0.3 * noise[place]
    }
    return [Tensor(TensorType(.f32, [1, 8, 8, 4]), TensorData(numbers))]
  }

  /// A convolution, one of each channel, a residual connection, and a classifier.
  private static func network() throws -> Graph {
    var graph = Graph(name: "network")
    func weights(_ name: String, _ shape: Shape, seed: UInt64) -> ValueID {
      let numbers = Numbers.normal(shape.elementCount, seed: seed).map { $0 / 3 }
      return graph.addConstant(name, TensorType(.f32, shape), TensorData(numbers))
    }
    let image = graph.addInput("x", TensorType(.f32, [1, 8, 8, 4]))
    let first = try graph.insert(
      Conv2D(padding: .same, clamp: .relu),
      [image, weights("w1", [8, 3, 3, 4], seed: 1), weights("b1", [8], seed: 2)])
    let second = try graph.insert(
      DepthwiseConv2D(padding: .same, clamp: .relu6),
      first + [weights("w2", [1, 3, 3, 8], seed: 3), weights("b2", [8], seed: 4)])
    let sum = try graph.insert(Add(), first + second)
    let third = try graph.insert(
      Conv2D(stride: [2, 2], padding: .same, clamp: .relu),
      sum + [weights("w3", [8, 1, 1, 8], seed: 5), weights("b3", [8], seed: 6)])
    let last = try graph.insert(
      FullyConnected(),
      third + [weights("w4", [6, 128], seed: 7), weights("b4", [6], seed: 8)])
    graph.setOutputs(last)
    return graph
  }
}
