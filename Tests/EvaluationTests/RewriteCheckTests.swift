import Evaluation
import GraphIR
import Operators
import Support
import Tensors
import TestSupport
import Testing

struct RewriteCheckTests {
  /// Replaces each product by another, a little larger.
  private static func scaling(by factor: Double, _ exactness: Pass.Exactness) -> Pass {
    .rewrite(
      "scaling", "changes products", exactness,
      Rule(replacing: Multiply.self) { graph, id, op in
        guard op.clamp == .none else { return nil }
        let type = TensorType(.f32, [])
        let constant = graph.addConstant("f", type, Tensor(type, numbers: [factor]).data)
        let product = try graph.insert(
          Multiply(clamp: .unlimited), graph.nodes[id].inputs, before: id)
        return try graph.insert(
          Multiply(clamp: .unlimited), [product[0], constant], before: id)[0]
      })
  }

  private static func square() throws -> Graph {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [8]))
    let square = try graph.insert(Multiply(), [x, x])
    graph.setOutputs(try graph.insert(ReLU(), square))
    return graph
  }

  private static func run(_ pass: Pass) throws {
    var graph = try square()
    var check = try RewriteCheck(graph)
    try Pipeline([pass]).run(on: &graph) { try check.check($0) }
  }

  @Test func equalBitsPass() throws {
    try Self.run(Self.scaling(by: 1, .exact))
  }

  @Test func changedBitsOfAnExactPassAreNamed() throws {
    let problem = try #require(throws: Diagnostic.self) {
      try Self.run(Self.scaling(by: 1 + 0x1p-22, .exact))
    }
    #expect(problem.message.id == "changed-results")
    #expect(problem.message.cause == .ourFault)
    #expect(problem.message.text.contains("`scaling`"))
  }

  @Test func lastDigitsOfAnApproximatePassMayChange() throws {
    try Self.run(Self.scaling(by: 1 + 0x1p-22, .approximate("products are scaled")))
  }

  @Test func otherDigitsOfAnApproximatePassMayNot() throws {
    #expect(throws: Diagnostic.self) {
      try Self.run(Self.scaling(by: 1.001, .approximate("products are scaled")))
    }
  }

  @Test func stepsTellWhatChangedAndHowLongItTook() throws {
    var graph = try Self.square()
    var names: [String] = []
    let pass = Self.scaling(by: 1, .exact)
    try Pipeline([pass]).run(on: &graph) { step in
      #expect(step.duration >= .zero)
      if step.hasChanged { names.append(step.pass.name) }
    }
    #expect(names == ["scaling"])
  }
}
