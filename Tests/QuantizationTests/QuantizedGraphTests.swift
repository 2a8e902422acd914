import GraphIR
import Operators
import Passes
import Quantization
import Tensors
import Testing

/// What quantization makes of small networks: sound graphs, near to those of real numbers, with the scales that integer kernels ask for.
struct QuantizedGraphTests {
  /// How far outputs are from noise at least, in decibels: what the worst of the networks and graphs has, less 3.
  private static let bars: [(scheme: String, decibels: Double)] = [
    ("int8", 36), ("int16x8", 39), ("w4a8", 18), ("w4a16", 18), ("w8", 39), ("w4", 17),
    ("dynamic", 34), ("f16", 63), ("bf16", 46), ("fp8", 24), ("fp8-e5m2", 14), ("mxfp8", 16),
    ("mxfp6", 14), ("mxfp4", 6), ("mxint8", 34), ("float", 200), ("w4a8,weights=group:16", 17),
    ("int8,weights=tensor", 37), ("int8,weights=asymmetric", 38),
    ("int8,activations=symmetric,scales=power-of-two", 29), ("w6a6", 22),
  ]

  @Test(arguments: Networks.all.indices, bars.indices)
  func quantizedGraphIsNearTheNetwork(network: Int, bar: Int) throws {
    let (scheme, decibels) = Self.bars[bar]
    let model = try QuantizedModel(Networks.all[network], scheme)
    let stored = try model.quantizedGraph()
    try Self.check(stored, model.graph, above: decibels)
    var passed = stored
    try Pipeline.standard.run(on: &passed)
    try Self.check(passed, model.graph, above: decibels)
  }

  /// Without those of floats and blocks that TFLite has no operators for.
  private static let barsOnIntegers = bars.indices.filter { index in
    let name = bars[index].scheme
    return name != "bf16" && !name.hasPrefix("fp8") && !name.hasPrefix("mx")
  }

  @Test(arguments: Networks.all.indices, barsOnIntegers)
  func integerGraphIsNearTheNetwork(network: Int, bar: Int) throws {
    let (scheme, decibels) = Self.bars[bar]
    let model = try QuantizedModel(Networks.all[network], scheme)
    let reals = try model.integerGraph()
    try Self.check(reals, model.graph, above: decibels)
    try Self.check(model.integerGraph(hasIntegerPorts: true), model.graph, above: decibels)
  }

  private static func check(_ found: Graph, _ original: Graph, above decibels: Double) throws {
    #expect(found.verify().isEmpty, "\(found.verify())")
    #expect(found.outputs.map { found.values[$0].name } == ["y"])
    #expect(found.inputs.map { found.values[$0].name } == ["x"])
    let distance = try signalToNoise(found, original)
    #expect(distance > decibels)
  }

  @Test func operatorsThatChooseShareScales() throws {
    let model = try QuantizedModel(Networks.classifier, "int8")
    let graph = try model.quantizedGraph()
    let conv = try #require(graph.quantization(of: "conv_quantized"))
    #expect(graph.quantization(of: "pool_quantized") == conv)
    #expect(graph.quantization(of: "flat_quantized") == conv)
    #expect(graph.quantization(of: "dense_quantized") != conv)
    let integers = try model.integerGraph()
    #expect(["conv", "pool", "flat"].allSatisfy { integers.quantization(of: $0) == conv })
  }

  /// Both parts have the range of the whole, so that joining them copies bytes.
  @Test func partsThatAreJoinedShareScales() throws {
    let graph = try QuantizedModel(Networks.branches, "int8").integerGraph()
    let both = try #require(graph.quantization(of: "both"))
    for name in ["left", "right", "turned", "flat"] {
      #expect(graph.quantization(of: name) == both, "\(name)")
    }
    #expect(graph.quantization(of: "x_quantized") != both)
  }

  @Test func softmaxHasTheScaleOfItsTable() throws {
    let bytes = try QuantizedModel(Networks.classifier, "int8").integerGraph(hasIntegerPorts: true)
    #expect(bytes.quantization(of: "y") == Quantization(scale: 1 / 256, zeroPoint: -128))
    let words = try QuantizedModel(Networks.classifier, "int16x8")
      .integerGraph(hasIntegerPorts: true)
    #expect(words.quantization(of: "y") == Quantization(scale: 1 / 32768))
  }

  /// No kernel has another scale for what such a function gives, whatever it is joined with.
  @Test func boundedValuesKeepTheirScaleBesideOthers() throws {
    let model = try QuantizedModel(
      """
      graph joined(%x: f32[1, 4, 4, 4]) {
        %w = constant(random(1)) : f32[4, 1, 1, 4]
        %conv = conv2d(%x, %w) : f32[1, 4, 4, 4] from A 0
        %p = logistic(%x) : f32[1, 4, 4, 4] from B 1
        %same = reshape(%p) {shape: [1, 4, 4, 4]} : f32[1, 4, 4, 4] from C 2
        %q = logistic(%conv) : f32[1, 4, 4, 4] from D 3
        %bounded = concatenation(%same, %q) {axis: 3} : f32[1, 4, 4, 8] from E 4
        %y = concatenation(%p, %conv) {axis: 3} : f32[1, 4, 4, 8] from F 5
        return %y, %bounded
      }
      """, "int8")
    let graph = try model.integerGraph(hasIntegerPorts: true)
    for name in ["p", "same", "q", "bounded"] {
      #expect(graph.quantization(of: name) == Quantization(scale: 1 / 256, zeroPoint: -128))
    }
    #expect(graph.quantization(of: "y") == graph.quantization(of: "conv"))
    #expect(try signalToNoise(graph, model.graph) > 30)
    #expect(try signalToNoise(model.quantizedGraph(), model.graph) > 30)
  }

  /// Sums are in steps of `input scale · weight scale`, and so is what is added to them.
  @Test(arguments: ["int8", "int16x8", "w4a8"])
  func biasesAreInStepsOfTheSums(scheme: String) throws {
    let model = try QuantizedModel(Networks.classifier, scheme)
    let graph = try model.integerGraph(hasIntegerPorts: true)
    for (input, weights, bias) in [("x", "w1", "b1"), ("flat", "w2", "b2")] {
      let scale = try #require(graph.quantization(of: input)).scale
      let expected = try #require(graph.quantization(of: weights)).scales.map { $0 * scale }
      #expect(graph.quantization(of: bias)?.scales == expected)
      let stored = try #require(graph.value(named: bias))
      #expect(graph.values[stored].type.element == (scheme == "int16x8" ? .i64 : .i32))
    }
  }

  @Test func integersAreComputedWithoutRealNumbersBetween() throws {
    let graph = try QuantizedModel(Networks.residual, "int8").integerGraph(hasIntegerPorts: true)
    #expect(graph.count(of: "dequantize") == 0 && graph.count(of: "quantize") == 0)
    #expect(graph.count(of: "mean") == 0, "a pool over all is a convolution")
    let ports = try QuantizedModel(Networks.residual, "int8").integerGraph()
    #expect(ports.count(of: "dequantize") == 1 && ports.count(of: "quantize") == 1)
    #expect(ports.types(of: ports.inputs + ports.outputs).allSatisfy { $0.element == .f32 })
  }

  @Test func standardPipelineMakesIntegersOfTheQuantizedGraph() throws {
    var graph = try QuantizedModel(Networks.classifier, "int8").quantizedGraph()
    try Pipeline.standard.run(on: &graph)
    for name in ["conv2d", "max_pool2d", "fully_connected"] {
      let node = try #require(graph.order.first { graph.nodes[$0].kind == name })
      let types = graph.types(of: graph.nodes[node].results)
      #expect(types.allSatisfy { $0.element == .i8 }, "\(name)")
    }
  }

  @Test(arguments: ["int8", "int16x8", "w4a8"])
  func layerMayStayAsItIs(scheme: String) throws {
    let model = try QuantizedModel(Networks.residual, scheme, rules: [("second", "float")])
    for graph in [try model.quantizedGraph(), try model.integerGraph()] {
      try Self.check(graph, model.graph, above: 20)
      let node = try #require(graph.order.first { graph.nodes[$0].kind == "depthwise_conv2d" })
      #expect(graph.types(of: graph.nodes[node].inputs).allSatisfy { $0.element == .f32 })
    }
  }

  @Test func layersOfSixteenBitsStandBesideOthers() throws {
    let model = try QuantizedModel(Networks.residual, "int8", rules: [("second", "int16x8")])
    for graph in [try model.quantizedGraph(), try model.integerGraph()] {
      try Self.check(graph, model.graph, above: 25)
    }
    let graph = try model.integerGraph()
    #expect(graph.value(named: "second").map { graph.values[$0].type.element } == .i16)
    #expect(graph.value(named: "first").map { graph.values[$0].type.element } == .i8)
    #expect(graph.value(named: "sum").map { graph.values[$0].type.element } == .i8)
  }

  /// Biases are in steps of the input as the layer reads it, which is not always how the layer before stores it.
  @Test(arguments: [("int8", "int16x8"), ("int16x8", "int8"), ("float", "int8")])
  func biasesFollowWhatTheLayerReads(first: String, second: String) throws {
    let model = try QuantizedModel(Networks.residual, second, rules: [("first", first)])
    let graph = try model.integerGraph()
    try Self.check(graph, model.graph, above: 25)
    let node = try #require(graph.order.first { graph.nodes[$0].kind == "depthwise_conv2d" })
    let types = graph.types(of: graph.nodes[node].inputs)
    let scales = try types.map { try #require($0.quantization).scales }
    #expect(types[0].element == (second == "int8" ? .i8 : .i16))
    #expect(scales[2] == scales[1].map { $0 * scales[0][0] })
  }

  @Test func networkWithoutQuantizationIsTheSame() throws {
    let model = try QuantizedModel(Networks.classifier, "float")
    #expect(try model.quantizedGraph() == model.graph)
    #expect(model.weights.isEmpty && model.ranges.isEmpty && model.weightBytes == 0)
  }

  /// 8·3·3·4 + 10·128 weights: two of 4 bits in a byte.
  @Test func weightsAreCountedAsTheyAreStored() throws {
    let model = try QuantizedModel(Networks.classifier, "w4a8")
    #expect(model.weightBytes == (288 + 1280) / 2 && model.originalWeightBytes == 4 * 1568)
    #expect(model.weightedLayers.map(model.graph.layerName) == ["conv", "dense"])
  }

  @Test func samplesAreNeeded() throws {
    let graph = try Graph.parsed(Networks.residual)
    let plan = QuantizationPlan(try QuantizationScheme("int8"))
    let none = MethodContext(plan: plan, inputs: graph.samples(0), ranges: .minMax)
    #expect(diagnosticID { try QuantizedModel(graph, none) } == "no-samples")
    let nan = Calibration.Inputs(count: 1) { _ in
      graph.types(of: graph.inputs).map {
        Tensor($0, numbers: (0..<$0.elementCount).map { $0 == 7 ? .nan : 1 })
      }
    }
    let context = MethodContext(plan: plan, inputs: nan, ranges: .minMax)
    #expect(diagnosticID { try QuantizedModel(graph, context) } == "non-finite-value")
  }

  /// A value that is always 0 has a scale, and the network stays sound.
  @Test func constantInputsAreNoObstacle() throws {
    let graph = try Graph.parsed(Networks.residual)
    let plan = QuantizationPlan(try QuantizationScheme("int8"))
    let zeros = Calibration.Inputs(count: 1) { _ in
      graph.types(of: graph.inputs).map {
        Tensor($0, numbers: Array(repeating: 0, count: $0.elementCount))
      }
    }
    let model = try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: zeros, ranges: .minMax))
    for made in [try model.quantizedGraph(), try model.integerGraph()] {
      #expect(made.verify().isEmpty)
      let found = try made.evaluate(zeros.at(0))[0].realNumbers
      #expect(found.allSatisfy { $0.isFinite })
    }
  }
}
