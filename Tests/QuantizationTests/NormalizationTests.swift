import GraphIR
import Operators
import Passes
import Quantization
import TestSupport
import Testing

/// Normalizations stay in one piece of real numbers between layers on integers.
struct NormalizationTests {
  /// A layer, a normalization in the parts that exporters make of it, whose squares differ by factors of thousands, and a layer.
  private static let network = """
    graph network(%x: f32[1, 8, 16]) {
      %w1 = constant(random(1)) : f32[16, 16]
      %k = constant(dense(40, 0.5, 1, 0.25, 2, 1, 0.5, 1, 20, 0.5, 1, 0.25, 2, 1, 0.5, 1)) : f32[16]
      %n = constant(dense(0.0625)) : f32[]
      %zero = constant(dense(0)) : f32[]
      %e = constant(dense(0.000001)) : f32[]
      %s = constant(random(3)) : f32[16]
      %o = constant(random(4)) : f32[16]
      %w2 = constant(random(5)) : f32[10, 16]
      %b2 = constant(random(6)) : f32[10]
      %dense = fully_connected(%x, %w1) {keepsAxes: true} : f32[1, 8, 16] from A 0
      %wide = mul(%dense, %k) : f32[1, 8, 16] from B 1
      %sum = sum(%wide) {axes: [2], keepsAxes: true} : f32[1, 8, 1] from C 2
      %mean = mul(%sum, %n) : f32[1, 8, 1] from D 3
      %square = mul(%wide, %wide) : f32[1, 8, 16] from E 4
      %sum2 = sum(%square) {axes: [2], keepsAxes: true} : f32[1, 8, 1] from F 5
      %mean2 = mul(%sum2, %n) : f32[1, 8, 1] from G 6
      %power = mul(%mean, %mean) : f32[1, 8, 1] from H 7
      %difference = sub(%mean2, %power) : f32[1, 8, 1] from I 8
      %variance = maximum(%difference, %zero) : f32[1, 8, 1] from J 9
      %shifted = add(%variance, %e) : f32[1, 8, 1] from K 10
      %factor = rsqrt(%shifted) : f32[1, 8, 1] from L 11
      %centered = sub(%wide, %mean) : f32[1, 8, 16] from M 12
      %normal = mul(%centered, %factor) : f32[1, 8, 16] from N 13
      %scaled = mul(%normal, %s) : f32[1, 8, 16] from O 14
      %norm = add(%scaled, %o) : f32[1, 8, 16] from P 15
      %y = fully_connected(%norm, %w2, %b2) {keepsAxes: true} : f32[1, 8, 10] from Q 16
      return %y
    }
    """

  /// As `quantize` takes the network: the passes find the normalization.
  private static func model() throws -> QuantizedModel {
    var graph = try Graph.parsed(network)
    try Pipeline.quantization.run(on: &graph)
    let plan = QuantizationPlan(try QuantizationScheme("int8"))
    return try QuantizedModel(
      graph, MethodContext(plan: plan, inputs: graph.samples(), ranges: .minMax))
  }

  @Test func normalizationIsOneNodeOfRealNumbers() throws {
    let model = try Self.model()
    for graph in [try model.quantizedGraph(), try model.integerGraph()] {
      let node = try #require(
        graph.order.first { graph.nodes[$0].kind == LayerNormalization.name })
      let producer = try #require(graph.producer(of: graph.input(of: node)))
      #expect(graph.nodes[producer].kind == Dequantize.name)
      let readers = graph.values[graph.result(of: node)].uses.map { graph.nodes[$0.node].kind }
      #expect(readers == [Quantize.name])
    }
  }

  @Test func outputsAreNearTheNetwork() throws {
    let (model, original) = (try Self.model(), try Graph.parsed(Self.network))
    #expect(try signalToNoise(model.quantizedGraph(), original) > 30)
    #expect(try signalToNoise(model.integerGraph(), original) > 30)
  }
}

/// Where a scheme is mixed with another, bounded results are read in the other's format.
struct BoundedValueTests {
  private static let network = """
    graph network(%x: f32[1, 16]) {
      %w = constant(random(1)) : f32[16, 16]
      %dense = fully_connected(%x, %w) : f32[1, 16] from A 0
      %gate = logistic(%dense) : f32[1, 16] from B 1
      %y = mul(%dense, %gate) : f32[1, 16] from C 2
      return %y
    }
    """

  /// The range of such a value is not observed; it was taken for 0, and all products with it were.
  @Test func bytesOfAGateAreReadInSixteenBits() throws {
    let model = try QuantizedModel(
      Self.network, "int8", rules: [(pattern: "mul", scheme: "int16x8")])
    #expect(try signalToNoise(model.quantizedGraph(), model.graph) > 30)
    #expect(try signalToNoise(model.integerGraph(), model.graph) > 30)
  }
}
