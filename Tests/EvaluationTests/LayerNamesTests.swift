import Evaluation
import GraphIR
import Operators
import Testing

/// Names of the model file for layers that passes have made.
struct LayerNamesTests {
  private static let network = """
    graph net(%x: f32[1, 4]) {
      %sum = add(%x, %x) : f32[1, 4] from Add 0
      %kept = relu(%sum) : f32[1, 4] from Relu 1
      %y = neg(%kept) : f32[1, 4] from Neg 2
      return %y
    }
    """

  @Test func aLayerTakesTheNameOfTheOneThatItReplaces() throws {
    let original = try GraphParser(Self.network, operators: Operators.all).graph
    var graph = original
    let relu = graph.order[1]
    let merged = try graph.insert(
      ReLU(), graph.nodes[relu].inputs, from: graph.nodes[relu].sources, before: relu)[0]
    graph.replaceAllUses(of: graph.result(of: relu), with: merged)
    graph.erase([relu], absorbedBy: graph.producer(of: merged))
    graph.nameLayers(after: original)
    #expect(graph.values[merged].name == "kept")
  }
}
