import GraphIR
import Operators
import Support
import Tensors
import TestSupport
import Testing

import Quantization

/// Channels that are mixed so that none stands out.
struct RotateTests {
  /// Two layers around a sum and a normalization, of which two channels are large.
  static let stream = """
    graph stream(%x: f32[1, 6, 16]) {
      %w1 = constant(random(1)) : f32[16, 16]
      %b1 = constant(random(2)) : f32[16]
      %places = constant(random(3)) : f32[6, 16]
      %scale = constant(random(4)) : f32[16]
      %bias = constant(random(5)) : f32[16]
      %w2 = constant(random(6)) : f32[32, 16]
      %b2 = constant(random(7)) : f32[32]
      %w3 = constant(random(8)) : f32[16, 32]
      %w4 = constant(random(9)) : f32[10, 16]
      %read = fully_connected(%x, %w1, %b1) {keepsAxes: true} : f32[1, 6, 16]
      %placed = add(%read, %places) : f32[1, 6, 16]
      %rows = layer_normalization(%placed, %scale, %bias) : f32[1, 6, 16]
      %inner = fully_connected(%rows, %w2, %b2) {keepsAxes: true, clamp: [0, null]} : f32[1, 6, 32]
      %outer = fully_connected(%inner, %w3) {keepsAxes: true} : f32[1, 6, 16]
      %sum = add(%placed, %outer) : f32[1, 6, 16]
      %mean = mean(%sum) {axes: [1]} : f32[1, 16]
      %y = fully_connected(%mean, %w4) : f32[1, 10]
      return %y
    }
    """

  /// Keys, queries and values of one layer, with a normalization that is written out before it.
  static let attention = """
    graph attention(%x: f32[1, 4, 16]) {
      %w1 = constant(random(1)) : f32[16, 16]
      %w2 = constant(random(2)) : f32[48, 16]
      %b2 = constant(random(3)) : f32[48]
      %w3 = constant(random(4)) : f32[5, 16]
      %small = constant(dense(0.001)) : f32[1]
      %half = constant(dense(0.5)) : f32[1]
      %read = fully_connected(%x, %w1) {keepsAxes: true} : f32[1, 4, 16]
      %mean = mean(%read) {axes: [2], keepsAxes: true} : f32[1, 4, 1]
      %centred = sub(%read, %mean) : f32[1, 4, 16]
      %squares = square(%centred) : f32[1, 4, 16]
      %variance = mean(%squares) {axes: [2], keepsAxes: true} : f32[1, 4, 1]
      %raised = add(%variance, %small) : f32[1, 4, 1]
      %deviation = sqrt(%raised) : f32[1, 4, 1]
      %rows = div(%centred, %deviation) : f32[1, 4, 16]
      %all = fully_connected(%rows, %w2, %b2) {keepsAxes: true} : f32[1, 4, 48]
      %heads = reshape(%all) {shape: [1, 4, 3, 4, 4]} : f32[1, 4, 3, 4, 4]
      %turned = transpose(%heads) {permutation: [2, 0, 3, 1, 4]} : f32[3, 1, 4, 4, 4]
      %q = strided_slice(%turned) {begin: [0, 0, 0, 0, 0], size: [1, 1, 4, 4, 4], step: [1, 1, 1, 1, 1]} : f32[1, 1, 4, 4, 4]
      %k = strided_slice(%turned) {begin: [1, 0, 0, 0, 0], size: [1, 1, 4, 4, 4], step: [1, 1, 1, 1, 1]} : f32[1, 1, 4, 4, 4]
      %v = strided_slice(%turned) {begin: [2, 0, 0, 0, 0], size: [1, 1, 4, 4, 4], step: [1, 1, 1, 1, 1]} : f32[1, 1, 4, 4, 4]
      %scaled = mul(%q, %half) : f32[1, 1, 4, 4, 4]
      %columns = transpose(%k) {permutation: [0, 1, 2, 4, 3]} : f32[1, 1, 4, 4, 4]
      %scores = batch_matmul(%scaled, %columns) : f32[1, 1, 4, 4, 4]
      %shares = softmax(%scores) : f32[1, 1, 4, 4, 4]
      %mixed = batch_matmul(%shares, %v) : f32[1, 1, 4, 4, 4]
      %back = transpose(%mixed) {permutation: [0, 1, 3, 2, 4]} : f32[1, 1, 4, 4, 4]
      %joined = reshape(%back) {shape: [1, 4, 16]} : f32[1, 4, 16]
      %y = fully_connected(%joined, %w3) {keepsAxes: true} : f32[1, 4, 5]
      return %y
    }
    """

  private static func groups(_ graph: Graph) throws -> [RotatedValues] {
    try RotatedValues.all(in: graph, QuantizationPlan(QuantizationScheme("int8")))
  }

  @Test(arguments: [stream, attention])
  func networkComputesTheSame(text: String) throws {
    let graph = try Graph.parsed(text)
    let groups = try Self.groups(graph)
    #expect(!groups.isEmpty)
    for group in groups {
      var rotated = graph
      group.rotate(&rotated)
      #expect(rotated != graph)
      try expectSameOutputs(rotated, graph)
    }
    var all = graph
    for group in groups { group.rotate(&all) }
    try expectSameOutputs(all, graph)
  }

  @Test func keysQueriesAndValuesAreOneGroup() throws {
    let groups = try Self.groups(Graph.parsed(Self.attention))
    #expect(groups.map(\.block) == [16, 4])
    #expect(groups.map(\.cancel) == [false, true])
  }

  @Test(arguments: ["int8", "w4a8", "int16x8"])
  func noiseFallsWhereChannelsStandOut(scheme: String) throws {
    // Before the mean over rows nothing bounds what channels are.
    let graph = try SmoothTests.graph(Self.stream, scaling: "places", by: 60)
    let plain = try SmoothTests.model(graph, scheme, [])
    let rotated = try SmoothTests.model(graph, scheme, [.rotate])
    try expectSameOutputs(rotated.graph, graph)
    #expect(
      try signalToNoise(rotated.quantizedGraph(), graph)
        >= signalToNoise(plain.quantizedGraph(), graph))
    if scheme == "int8" { #expect(rotated.graph != graph) }
  }

  @Test func resultDoesNotDependOnTheNumberOfThreads() throws {
    let graph = try SmoothTests.graph(Self.stream, scaling: "places", by: 60)
    let one = try SmoothTests.model(graph, "int8", [.rotate])
    let four = try SmoothTests.model(graph, "int8", [.rotate], workers: Workers(count: 4))
    #expect(try one.quantizedGraph() == four.quantizedGraph())
  }

  @Test func valuesThatOthersReadStayAsTheyAre() throws {
    for text in [
      Self.stream.replacing("return %y", with: "return %y, %sum"),
      Self.stream.replacing("return %y", with: "return %y, %rows"),
      Self.stream.replacing("clamp: [0, null]}", with: "clamp: [0, null]}")
        .replacing(
          "%placed = add(%read, %places)", with: "%placed = add(%read, %places) {clamp: [0, null]}"),
    ] {
      #expect(try Self.groups(Graph.parsed(text)).isEmpty)
    }
  }

  @Test(arguments: [4, 8, 12, 16, 15, 64, 120])
  func rotationIsOrthogonalAndKeepsSums(block: Int) {
    let rotation = ChannelRotation(block: block)
    let numbers = Numbers.normal(2 * block, seed: 1)
    let rotated = rotation.rotated(numbers)
    func close(_ a: [Float], _ b: [Float]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 } }
    #expect(close(rotation.rotated(rotated), numbers))
    for start in [0, block] {
      let (a, b) = (numbers[start..<start + block], rotated[start..<start + block])
      #expect(abs(a.reduce(0, +) - b.reduce(0, +)) < 1e-4)
      #expect(abs(a.reduce(0) { $0 + $1 * $1 } - b.reduce(0) { $0 + $1 * $1 }) < 1e-3)
    }
  }

  @Test func oneLargeChannelOfFourIsSharedByAll() {
    // (J/2 − I) · (8, 0, 0, 0) = (−4, 4, 4, 4), and of 16 channels each gets a quarter.
    #expect(ChannelRotation(block: 4).rotated([8, 0, 0, 0]) == [-4, 4, 4, 4])
    let spread = ChannelRotation(block: 16).rotated([8] + [Float](repeating: 0, count: 15))
    #expect(spread.allSatisfy { abs($0) == 2 })
    // Two channels side by side in each row of a matrix of columns.
    #expect(
      ChannelRotation(block: 4).rotated([8, 4, 0, 0, 0, 0, 0, 0], stride: 2)
        == [-4, -2, 4, 2, 4, 2, 4, 2])
    #expect(ChannelRotation(block: 2).order == 1)
  }

  @Test func channelsOfZerosAndConstantsGiveNumbers() throws {
    for (name, factor) in [("scale", Float(0)), ("w2", 0), ("places", 0), ("places", 1e20)] {
      let graph = try SmoothTests.graph(
        Self.stream, scaling: name, channels: Array(0..<16), by: factor)
      let model = try SmoothTests.model(graph, "int8", [.rotate])
      let outputs = try model.graph.evaluate(graph.samples().at(0))
      #expect(outputs.allSatisfy { $0.storedNumbers.allSatisfy(\.isFinite) })
    }
  }
}
