import Evaluation
import GraphIR
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// States: what one run hands on to the next.
struct StateTests {
  /// A running sum, and the input of the run before.
  static let text = """
    graph counter(%x: f32[2]) {
      %sum = state(dense(10, 20)) : f32[2]
      %last = state(dense(0, 0)) : f32[2]
      %y = add(%sum, %x) : f32[2]
      next %sum = %y
      next %last = %x
      return %y, %last
    }

    """

  @Test func textComesBack() throws {
    let graph = try GraphParser(Self.text, operators: Operators.all).graph
    #expect(graph.text() == Self.text.replacing("}\n\n", with: "}\n"))
    #expect(graph.verify().isEmpty)
  }

  @Test func runsFollowEachOtherUntilReset() throws {
    let graph = try GraphParser(Self.text, operators: Operators.all).graph
    let evaluator = try Evaluator(graph)
    #expect(try run(evaluator, [1, 2]) == [[11, 22], [0, 0]])
    #expect(try run(evaluator, [5, 5]) == [[16, 27], [1, 2]])
    evaluator.reset()
    #expect(try run(evaluator, [5, 5]) == [[15, 25], [0, 0]])
  }

  @Test func aStateThatNothingChangesStays() throws {
    let text =
      "graph g(%x: f32[1]) {\n  %s = state(dense(3)) : f32[1]\n"
      + "  %y = mul(%x, %s) : f32[1]\n  return %y\n}\n"
    let graph = try GraphParser(text, operators: Operators.all).graph
    #expect(graph.text() == text)
    let evaluator = try Evaluator(graph)
    #expect(try run(evaluator, [2]) == [[6]])
    #expect(try run(evaluator, [2]) == [[6]])
  }

  @Test func nextValuesHaveTheTypeOfTheState() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [3]))
    let zeros = Tensor(TensorType(.f32, [2]), numbers: [0, 0])
    let state = graph.addState("s", zeros.type, initial: zeros.data)
    graph.setNext(of: state, to: x)
    graph.setOutputs([state])
    #expect(graph.verify().map(\.message.id) == ["state-type"])
  }

  private func run(_ evaluator: Evaluator, _ numbers: [Double]) throws -> [[Double]] {
    let type = evaluator.graph.values[evaluator.graph.inputs[0]].type
    try evaluator.run([Tensor(type, numbers: numbers)])
    return evaluator.graph.outputs.map { evaluator.value($0).storedNumbers }
  }
}
