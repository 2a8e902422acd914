import GraphIR
import Importing
import Operators
import Passes
import TestSupport
import Testing

/// Plans and reports speak of layers by the names of the file's tensors, whatever passes do to layouts.
struct LayerNameTests {
  /// As models with channels before the image are read: only what is moved back has a name.
  private static let network = """
    graph network(%x: f32[1, 2, 4, 4]) {
      %w = constant(random(1)) : f32[3, 3, 3, 2]
      %v = constant(random(2)) : f32[2, 1, 1, 3]
      %3 = transpose(%x) {permutation: [0, 2, 3, 1]} : f32[1, 4, 4, 2]
      %4 = conv2d(%3, %w) {clamp: [0, null], padding: "same"} : f32[1, 4, 4, 3] from Conv 0
      %first = transpose(%4) {permutation: [0, 3, 1, 2]} : f32[1, 3, 4, 4]
      %6 = transpose(%first) {permutation: [0, 2, 3, 1]} : f32[1, 4, 4, 3]
      %7 = conv2d(%6, %v) : f32[1, 4, 4, 2] from Conv 1
      %second = transpose(%7) {permutation: [0, 3, 1, 2]} : f32[1, 2, 4, 4]
      %sine = sin(%second) : f32[1, 2, 4, 4] from Sin 2
      %flat = reshape(%sine) {shape: [1, 32]} : f32[1, 32] from Flatten 3
      %y = softmax(%flat) : f32[1, 32] from Softmax 4
      return %y
    }
    """

  @Test(arguments: [Pipeline.standard, .approximate, .quantization])
  func namesStayWhereTransposesVanish(pipeline: Pipeline) throws {
    var graph = try GraphParser(Self.network, operators: Operators.all).graph
    try pipeline.run(on: &graph)
    let names = graph.computing.map { graph.values[graph.result(of: $0)].name }
    #expect(names == ["first", "second", "sine", "y"])
  }

  private static let efficientNet = "\(TestFiles.models)/efficientnet-lite0.onnx"

  @Test(.enabled(if: !TestFiles.existing([efficientNet]).isEmpty, "no model beside the checkout"))
  func allLayersOfAnImportedNetworkKeepNames() throws {
    var graph = try Model(Self.efficientNet).graph
    try Pipeline.standard.run(on: &graph)
    let unnamed = graph.computing.filter { !graph.hasName(graph.result(of: $0)) }
    #expect(unnamed.isEmpty, "\(unnamed.count) of \(graph.computing.count)")
  }
}

extension Graph {
  /// The nodes that do not only move elements.
  fileprivate var computing: [NodeID] { order.filter { !(nodes[$0].op is any LayoutOperator) } }
}
