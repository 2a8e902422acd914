import Evaluation
import Exporting
import GraphIR
import Importing
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct TFLiteExportTests {
  @Test(arguments: TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels))
  func modelsStayWhatTheyAre(path: String) throws {
    let graph = try Model(path).graph
    let read = try graph.throughTFLite()
    #expect(kinds(read) == kinds(graph))
    #expect(names(read) == names(graph))
    #expect(try outputDifferences(graph, read) == [])
    #expect(try TFLiteExporter.file(of: read) == TFLiteExporter.file(of: read))
  }

  @Test(
    .enabled(
      if: !TestFiles.existing([efficientNet]).isEmpty, "no EfficientNet-Lite0 beside the checkout"))
  func networksOfONNXNeedNoOtherOperators() throws {
    let graph = try Model(Self.efficientNet).graph
    let read = try graph.throughTFLite()
    #expect(kinds(read) == kinds(graph))
    #expect(try largestDifference(graph, read) < 1e-5)
  }

  private static let efficientNet = "\(TestFiles.models)/efficientnet-lite0.onnx"

  @Test(arguments: UInt64(1)...20)
  func randomNetworksOfIntegersKeepEveryBit(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .i8)
    #expect(try outputDifferences(graph, graph.throughTFLite(), seed: seed) == [])
  }

  @Test(arguments: UInt64(1)...20)
  func randomNetworksOfFloatsKeepTheirResults(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .f32)
    #expect(try outputDifferences(graph, graph.throughTFLite(), seed: seed) == [])
  }

  @Test func imagesMayBeSmallerThanTheirWindow() throws {
    let graph = try Graph.parsed(
      """
      graph net(%x: f32[1, 1, 2, 4]) {
        %w = constant(random(1)) : f32[3, 1, 3, 4]
        %y = conv2d(%x, %w) {padding: [0, 1, 0, 1], stride: [1, 2]} : f32[1, 1, 1, 3]
        return %y
      }
      """)
    #expect(try outputDifferences(graph, graph.throughTFLite()) == [])
  }

  /// XNNPACK reads a bias of depthwise convolutions whether there is one or not.
  @Test func convolutionsAreWrittenWithBiases() throws {
    let graph = try Graph.parsed(
      """
      graph net(%x: f32[1, 4, 4, 2]) {
        %w = constant(random(1)) : f32[1, 3, 3, 4]
        %v = constant(random(2)) : f32[3, 1, 1, 4]
        %z = depthwise_conv2d(%x, %w) {padding: "same"} : f32[1, 4, 4, 4]
        %y = conv2d(%z, %v) : f32[1, 4, 4, 3]
        return %y
      }
      """)
    let read = try graph.throughTFLite()
    #expect(read.order.map { read.nodes[$0].inputs.count } == [3, 3])
    #expect(try outputDifferences(graph, read) == [])
  }

  @Test func statesBecomeVariables() throws {
    var graph = Graph(name: "sum")
    let type = TensorType(.f32, [2])
    let x = graph.addInput("x", type)
    let total = graph.addState("total", type, initial: Tensor(type, numbers: [1, 2]).data)
    let sum = try graph.insert(Add(), [x, total])[0]
    graph.setNext(of: total, to: sum)
    graph.setOutputs([sum])
    let (expected, found) = (try Evaluator(graph), try Evaluator(graph.throughTFLite()))
    for step in 1...3 {
      let input = Tensor(type, numbers: [Double(step), 10])
      try expected.run([input])
      try found.run([input])
      #expect(found.value(found.graph.outputs[0]) == expected.value(expected.graph.outputs[0]))
    }
  }

  private func kinds(_ graph: Graph) -> [String] { graph.order.map { graph.nodes[$0].kind } }

  private func names(_ graph: Graph) -> [String] {
    (graph.inputs + graph.outputs).map { graph.values[$0].name }
  }
}

/// By how much the first outputs of two graphs differ for one input, as a part of the largest number in them.
private func largestDifference(_ a: Graph, _ b: Graph) throws -> Double {
  let input = Tensor.random(a.values[a.inputs[0]].type, seed: 3)
  let (expected, found) = (try a.evaluate([input])[0], try b.evaluate([input])[0])
  let range = expected.storedNumbers.map(abs).max() ?? 0
  return zip(expected.storedNumbers, found.storedNumbers).map { abs($0 - $1) / range }.max() ?? 0
}

/// What TFLite lacks, and is expressed by what it has: integers keep every bit.
struct TFLiteLegalizationTests {
  @Test func otherPadsStandBeforeConvolutions() throws {
    let padding = Padding.explicit(top: 2, left: 0, bottom: 1, right: 3)
    try expectSame(Conv2D(stride: [2, 1], padding: padding), weights: [6, 3, 3, 4])
    try expectSame(DepthwiseConv2D(padding: padding), weights: [1, 3, 3, 4], axis: 3)
  }

  @Test func padsThatHaveAWordNeedNoOperator() throws {
    let padding = Padding.explicit(top: 1, left: 1, bottom: 1, right: 1)
    let graph = try graph(Conv2D(padding: padding), weights: [6, 3, 3, 4])
    let read = try graph.throughTFLite()
    #expect(read.order.map { read.op($0, as: Conv2D.self)?.padding } == [.same])
  }

  @Test func borderOfMaximaNeverWins() throws {
    let padding = Padding.explicit(top: 0, left: 1, bottom: 1, right: 0)
    try expectSame(MaxPool2D(kernel: [2, 2], stride: [2, 2], padding: padding))
  }

  @Test func bordersOfTransposedConvolutionsAreCutOff() throws {
    let padding = Padding.explicit(top: 1, left: 0, bottom: 0, right: 1)
    try expectSame(
      TransposeConv2D(size: [11, 11], stride: [2, 2], padding: padding), weights: [6, 2, 2, 4],
      isSymmetric: true)
  }

  @Test func rangesWithoutAnActivationAreClampedByExtrema() throws {
    try expectSame(
      Conv2D(clamp: Clamp(lower: -0.75, upper: 1.5)), weights: [6, 3, 3, 4])
    try expectSame(Conv2D(clamp: Clamp(lower: 0, upper: 1e6)), weights: [6, 3, 3, 4])
  }

  @Test(arguments: [
    WindowPool(.maximum, kernel: [3, 2], stride: [2, 2], pads: [1, 0, 1, 1], roundsUp: true),
    WindowPool(.mean, kernel: [3, 3], stride: [2, 1], pads: [1, 1, 1, 1], countsPads: true),
    WindowPool(.mean, kernel: [2, 2], stride: [2, 2], roundsUp: true),
  ])
  func poolsOfAnyAxesAreThoseOfImages(op: WindowPool) throws { try expectSameFloats(op) }

  @Test(arguments: [ResizeCoordinates.asymmetric, .halfPixel, .alignCorners])
  func samplesAreThoseOfImages(coordinates: ResizeCoordinates) throws {
    try expectSameFloats(resize(.linear, coordinates))
    try expectSameFloats(resize(.nearest, coordinates))
  }

  private func resize(_ method: ResizeMethod, _ coordinates: ResizeCoordinates) -> Resize {
    Resize(
      size: [1, 10, 4, 3], scales: [1, 2, 4 / 7, 1], method: method, coordinates: coordinates)
  }

  private func expectSameFloats(_ op: some Operator) throws {
    var graph = Graph(name: "one")
    let x = graph.addInput("x", TensorType(.f32, [1, 5, 7, 3]))
    graph.setOutputs(try graph.insert(op, [x]))
    #expect(try largestDifference(graph, graph.throughTFLite()) < 1e-6)
  }

  @Test func smallWeightsFitFourBits() throws {
    var graph = Graph(name: "small")
    let scale = Quantization(scale: 0.1)
    let x = graph.addInput("x", TensorType(.i8, [1, 256], scale))
    let numbers = (0..<64 * 256).map { Double($0 % 16 - 8) }
    let weights = Tensor(TensorType(.i8, [64, 256], scale), numbers: numbers)
    let w = graph.addConstant("w", weights.type, weights.data)
    graph.setOutputs(
      try graph.insert(
        FullyConnected(), [x, w],
        results: [TensorType(.i8, [1, 64], Quantization(scale: 2, zeroPoint: 3))]))
    let packed = TFLiteExporter.Options(packsWeights: true)
    let saved =
      try TFLiteExporter.file(of: graph).count - TFLiteExporter.file(of: graph, packed).count
    #expect(saved > 8000)
    #expect(try outputDifferences(graph, graph.throughTFLite(packed)) == [])
  }

  private func expectSame(
    _ op: some Operator, weights: Shape? = nil, axis: Int = 0, isSymmetric: Bool = false
  ) throws {
    let graph = try graph(op, weights: weights, axis: axis, isSymmetric: isSymmetric)
    #expect(try outputDifferences(graph, graph.throughTFLite()) == [])
  }

  /// One operator on an image of bytes, with weights that have a scale for each channel.
  private func graph(
    _ op: some Operator, weights shape: Shape? = nil, axis: Int = 0, isSymmetric: Bool = false
  ) throws -> Graph {
    var graph = Graph(name: "one")
    let image = Quantization(scale: 0.05, zeroPoint: isSymmetric ? 0 : -7)
    let extents: Shape = isSymmetric ? [1, 6, 6, 4] : [1, 9, 8, 4]
    var operands = [graph.addInput("x", TensorType(.i8, extents, image))]
    if let shape {
      let scales = (0..<shape[axis]).map { 0.01 + 0.002 * Float($0) }
      let quantization = Quantization(axis: axis, scales: scales, zeroPoints: scales.map { _ in 0 })
      let weights = Tensor.random(TensorType(.i8, shape, quantization), seed: 5)
      operands.append(graph.addConstant("w", weights.type, weights.data))
    }
    let inferred = try op.resultTypes(graph.types(of: operands))[0]
    let quantization = shape == nil ? image : Quantization(scale: 0.3, zeroPoint: 4)
    let result = TensorType(.i8, inferred.shape, quantization)
    graph.setOutputs(try graph.insert(op, operands, results: [result]))
    return graph
  }
}

struct TFLiteRefusalTests {
  @Test func roundingOfONNXIsRefused() throws {
    let problem = try refusal(
      """
      graph g(%x: f32[4]) {
        %y = quantize(%x) {roundsHalfToEven: true} : i8<0.5>[4]
        return %y
      }
      """)
    #expect(problem.place.spot == "`y` (quantize)")
    #expect(problem.message.id == "tflite-no-counterpart")
    #expect(problem.message.cause == .unsupported)
    #expect(problem.help != nil)
  }

  @Test func elementsThatTFLiteLacksAreRefused() throws {
    let problem = try refusal("graph g(%x: f64[4]) {\n  return %x\n}\n")
    #expect(problem.message.id == "tflite-no-counterpart")
  }

  @Test func elidedConstantsAreRefused() throws {
    let problem = try refusal(
      """
      graph g(%x: f32[4]) {
        %w = constant(elided) : f32[4]
        %y = add(%x, %w) : f32[4]
        return %y
      }
      """)
    #expect(problem.message.id == "elided-constant")
  }

  private func refusal(_ text: String) throws -> Diagnostic {
    let graph = try GraphParser(text, operators: Operators.all).graph
    do {
      _ = try TFLiteExporter.file(of: graph)
    } catch {
      return try #require(Diagnostics(of: error).all.first)
    }
    throw Diagnostic(.init(id: "written", .ourFault, "the graph was written"))
  }
}
