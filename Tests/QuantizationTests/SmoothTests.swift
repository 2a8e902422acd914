import GraphIR
import Operators
import Support
import Tensors
import TestSupport
import Testing

import Quantization

/// Outliers of activations that move into weights.
struct SmoothTests {
  /// A normalization that makes two channels 30 times as large, and two layers that read it.
  static let normalized = """
    graph normalized(%x: f32[1, 6, 16]) {
      %scale = constant(random(1)) : f32[16]
      %bias = constant(random(2)) : f32[16]
      %w1 = constant(random(3)) : f32[12, 16]
      %b1 = constant(random(4)) : f32[12]
      %w2 = constant(random(5)) : f32[8, 16]
      %rows = layer_normalization(%x, %scale, %bias) : f32[1, 6, 16]
      %left = fully_connected(%rows, %w1, %b1) {keepsAxes: true} : f32[1, 6, 12]
      %right = fully_connected(%rows, %w2) {keepsAxes: true} : f32[1, 6, 8]
      return %left, %right
    }
    """

  /// A layer whose sums go through a ReLU, a product with constants and a sum of two branches.
  static let branches = """
    graph branches(%x: f32[1, 4, 4, 8]) {
      %w1 = constant(random(1)) : f32[8, 1, 1, 8]
      %b1 = constant(random(2)) : f32[8]
      %w2 = constant(random(3)) : f32[8, 3, 3, 8]
      %factors = constant(random(4)) : f32[8]
      %half = constant(dense(0.5)) : f32[1]
      %w3 = constant(random(5)) : f32[6, 3, 3, 8]
      %first = conv2d(%x, %w1, %b1) {clamp: [0, null]} : f32[1, 4, 4, 8]
      %second = conv2d(%x, %w2) {padding: "same"} : f32[1, 4, 4, 8]
      %scaled = mul(%second, %factors) : f32[1, 4, 4, 8]
      %shifted = add(%scaled, %half) : f32[1, 4, 4, 8]
      %sum = add(%first, %shifted) : f32[1, 4, 4, 8]
      %y = conv2d(%sum, %w3) {padding: "same"} : f32[1, 4, 4, 6]
      return %y
    }
    """

  /// Numbers that a method works on, some channels of a constant multiplied.
  static func graph(
    _ text: String, scaling name: String, channels: [Int] = [3, 5], by factor: Float = 30
  ) throws -> Graph {
    var graph = try Graph.parsed(text)
    guard let value = graph.value(named: name), let numbers = graph.constantNumbers(value),
      let use = graph.values[value].uses.first,
      let count = graph.values[value].type.shape.extents.last
    else { return graph }
    let scaled = numbers.enumerated().map { channels.contains($0 % count) ? $1 * factor : $1 }
    graph.setInput(
      use.operand, of: use.node,
      to: graph.addConstant(name, graph.values[value].type, TensorData(scaled)))
    return graph
  }

  static func model(
    _ graph: Graph, _ scheme: String, _ methods: [QuantizationMethod], workers: Workers = .one
  ) throws -> QuantizedModel {
    let plan = QuantizationPlan(try QuantizationScheme(scheme))
    return try QuantizedModel(
      graph,
      MethodContext(plan: plan, inputs: graph.samples(8), ranges: .minMax, workers: workers),
      methods: methods)
  }

  @Test(arguments: ["int8", "w4a8"])
  func networkComputesTheSameAndItsNoiseFalls(scheme: String) throws {
    let graph = try Self.graph(Self.normalized, scaling: "scale")
    let smoothed = try Self.model(graph, scheme, [.smooth])
    #expect(smoothed.graph != graph)
    try expectSameOutputs(smoothed.graph, graph)
    let plain = try signalToNoise(Self.model(graph, scheme, []).quantizedGraph(), graph)
    #expect(try signalToNoise(smoothed.quantizedGraph(), graph) > plain + 3)
  }

  @Test func factorsGoThroughSumsAndProductsAndFunctionsThatLetThemPass() throws {
    let graph = try Self.graph(Self.branches, scaling: "factors", channels: [2])
    let smoothed = try Self.model(graph, "int8", [QuantizationMethod.named("smooth:0.7")]).graph
    #expect(smoothed != graph)
    try expectSameOutputs(smoothed, graph)
  }

  @Test func factorsAreThoseOfTheFormula() throws {
    // |x| reaches 8 and 2, weights 2 and 2: with α = 1/2 factors are √2/√8 and √2/√2, so 1/2 and 1, and with a geometric mean
    // of 1 these are 1/√2 and √2.
    let graph = try Graph.parsed(
      """
      graph two(%x: f32[1, 2]) {
        %factors = constant(dense(4, 1)) : f32[2]
        %w = constant(dense(2, -1, 1, 2)) : f32[2, 2]
        %scaled = mul(%x, %factors) : f32[1, 2]
        %y = fully_connected(%scaled, %w) : f32[1, 2]
        return %y
      }
      """)
    let type = TensorType(.f32, [1, 2])
    let context = MethodContext(
      plan: QuantizationPlan(try QuantizationScheme("int8")),
      inputs: .init(count: 2) { [Tensor(type, numbers: $0 == 0 ? [-2, 1] : [1, 2])] },
      ranges: .minMax)
    let smoothed = try QuantizedModel(
      graph, context, methods: [QuantizationMethod.named("smooth:0.5")]
    ).graph
    let numbers = smoothed.usedConstants.compactMap(smoothed.constantNumbers)
    let root = Float(2).squareRoot()
    let expected: [[Float]] = [[4 / root, root], [2 * root, -1 / root, root, 2 / root]]
    for (found, expected) in zip(numbers, expected) {
      #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    }
  }

  @Test func channelsThatAnotherOperatorReadsStayAsTheyAre() throws {
    let text = Self.normalized.replacing("return %left", with: "return %rows, %left")
    let graph = try Self.graph(text, scaling: "scale")
    #expect(try Self.model(graph, "int8", [.smooth]).graph == graph)
  }

  @Test func divisionIsInsertedOnlyIfItIsAskedFor() throws {
    let text = """
      graph quotient(%x: f32[1, 4, 16]) {
        %w = constant(random(3)) : f32[12, 16]
        %tops = constant(random(1)) : f32[16]
        %quotient = div(%x, %tops) : f32[1, 4, 16]
        %y = fully_connected(%quotient, %w) {keepsAxes: true} : f32[1, 4, 12]
        return %y
      }
      """
    let graph = try Self.graph(text, scaling: "tops", by: 0.02)
    let kept = try Self.model(graph, "int8", [.smooth])
    #expect(kept.graph == graph)
    let smoothed = try Self.model(graph, "int8", [QuantizationMethod.named("smooth:insert")])
    #expect(smoothed.graph.count(of: "div") == 2)
    try expectSameOutputs(smoothed.graph, graph)
    let plain = try signalToNoise(kept.quantizedGraph(), graph)
    #expect(try signalToNoise(smoothed.quantizedGraph(), graph) > plain + 3)
  }

  @Test func othersReadWhatTheyDidWhereDivisionIsInserted() throws {
    let text = Self.normalized.replacing("return %left", with: "return %rows, %left")
    let graph = try Self.graph(text, scaling: "scale")
    let smoothed = try Self.model(graph, "int8", [QuantizationMethod.named("smooth:0.5,insert")])
    #expect(smoothed.graph.count(of: "div") == 1)
    #expect(smoothed.graph.outputs.first == graph.outputs.first)
    try expectSameOutputs(smoothed.graph, graph)
  }

  @Test(arguments: ["smooth", "smooth:1", "smooth:0", "smooth:0.5,insert"])
  func channelsOfZerosAndConstantsGiveNumbers(method: String) throws {
    for (name, factor) in [("scale", Float(0)), ("w1", 0), ("w2", 0), ("scale", 1e30)] {
      let graph = try Self.graph(Self.normalized, scaling: name, by: factor)
      let smoothed = try Self.model(graph, "int8", [QuantizationMethod.named(method)])
      for sample in 0..<2 {
        let outputs = try smoothed.graph.evaluate(graph.samples().at(sample))
        #expect(outputs.allSatisfy { $0.storedNumbers.allSatisfy(\.isFinite) })
      }
    }
  }

  @Test func resultDoesNotDependOnTheNumberOfThreads() throws {
    let graph = try Self.graph(Self.normalized, scaling: "scale")
    let one = try Self.model(graph, "int8", [.smooth])
    let four = try Self.model(graph, "int8", [.smooth], workers: Workers(count: 4))
    #expect(try one.quantizedGraph() == four.quantizedGraph())
  }

  @Test func choicesOfMethodsAreRead() throws {
    #expect(try QuantizationMethod.named("smooth:0.5").text == "smooth:0.5")
    #expect(try QuantizationMethod.named("smooth:0.5,insert").name == "smooth")
    for text in [
      "smooth:", "smooth:2", "smooth:nan", "smooth:insert,0.5", "smooth:0.5,0.5", "rotate:1", ":",
      "",
    ] {
      #expect(diagnosticID { try QuantizationMethod.named(text) } == "no-such-method")
    }
  }
}

/// Outputs of real numbers differ by at most 1e-5 of their range.
func expectSameOutputs(
  _ found: Graph, _ expected: Graph, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let inputs = try expected.samples().at(1)
  for (a, b) in zip(try found.evaluate(inputs), try expected.evaluate(inputs)) {
    let numbers = b.storedNumbers
    let range = (numbers.max() ?? 0) - (numbers.min() ?? 0)
    let difference = zip(a.storedNumbers, numbers).map { abs($0 - $1) }.max() ?? 0
    #expect(difference <= 1e-5 * range, sourceLocation: sourceLocation)
  }
}
