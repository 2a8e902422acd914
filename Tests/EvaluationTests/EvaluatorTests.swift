import Evaluation
import GraphIR
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct EvaluatorTests {
  @Test(arguments: 0..<12 as Range<UInt64>)
  func resultsDoNotDependOnTheNumberOfThreads(seed: UInt64) throws {
    let graph = try RandomGraph.make(
      seed: seed, element: seed % 2 == 0 ? .i8 : .f32, size: 8, extent: 96)
    let inputs = try InputBinding(graph, given: [], seed: seed).tensors
    let evaluator = try Evaluator(graph, keeping: .everything)
    let results = try [1, 2, 3].map { count in
      try evaluator.run(inputs, workers: Workers(count: count))
      return graph.order.map { evaluator.value(graph.result(of: $0)) }
    }
    #expect(results[1] == results[0])
    #expect(results[2] == results[0])
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func keepingEverythingGivesTheSameOutputs(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .i8 : .f32)
    let inputs = try InputBinding(graph, given: [], seed: seed).tensors
    let everything = try Evaluator(graph, keeping: .everything)
    try everything.run(inputs)
    #expect(try graph.evaluate(inputs) == graph.outputs.map(everything.value))
    #expect(graph.inputs.map(everything.value) == inputs)
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func valuesAreThoseOfTheOperatorsOneByOne(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .i8 : .f32)
    let evaluator = try Evaluator(graph, keeping: .everything)
    try evaluator.run(try InputBinding(graph, given: [], seed: seed).tensors)
    for id in graph.order {
      let node = graph.nodes[id]
      let alone = try node.op.evaluate(
        node.inputs.map(evaluator.value), results: graph.types(of: node.results))
      #expect(alone == node.results.map(evaluator.value))
    }
  }

  @Test func runsDoNotDisturbEachOther() throws {
    let graph = try RandomGraph.make(seed: 8, element: .i8)
    let evaluator = try Evaluator(graph)
    let inputs = try [1, 2, 1].map { try InputBinding(graph, given: [], seed: $0).tensors }
    let outputs = try inputs.map { tensors in
      try evaluator.run(tensors)
      return graph.outputs.map(evaluator.value)
    }
    #expect(outputs[0] == outputs[2])
  }

  @Test func inputsAndConstantsMayBeOutputs() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [2]))
    let c = graph.addConstant("c", TensorType(.f32, [2]), TensorData([3, 4] as [Float]))
    graph.setOutputs([c, x, c])
    let outputs = try graph.evaluate([Tensor(TensorType(.f32, [2]), numbers: [1, 2])])
    #expect(outputs.map(\.storedNumbers) == [[3, 4], [1, 2], [3, 4]])
  }

  @Test func elidedConstantsAreReported() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [1, 2]))
    let w = graph.addConstant("w", TensorType(.f32, [1, 2]), nil)
    graph.setOutputs(try graph.insert(FullyConnected(), [x, w]))
    let problem = try #require(throws: Diagnostic.self) { try Evaluator(graph) }
    #expect(problem.message.id == "elided-constant")
  }
}

struct MemoryLimitTests {
  /// A file of a few hundred bytes can have such an input.
  @Test func tensorsThatNoMachineHoldsAreRefused() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [1 << 20, 1 << 20]))
    graph.setOutputs(try graph.insert(ReLU(), [x]))
    for attempt in [
      { _ = try Evaluator(graph) }, { _ = try InputBinding(graph, given: [], seed: 1) },
    ] {
      #expect(
        try #require(throws: Diagnostic.self, performing: attempt).message.id == "too-much-memory")
    }
  }
}

struct InputBindingTests {
  private var graph = Graph(name: "g")
  private let type = TensorType(.i8, [2], Quantization(scale: 0.5))

  init() {
    graph.addInput("a", type)
    graph.addInput("b", type)
  }

  private let given = Tensor(TensorType(.i8, [2]), numbers: [1, 2])

  @Test func whatIsMissingIsSeededNoise() throws {
    let binding = try InputBinding(graph, given: [("b", given)], seed: 7)
    #expect(binding.generated == ["a"])
    #expect(binding.tensors[1].storedNumbers == [1, 2])
    #expect(binding.tensors[1].type == type)
    #expect(binding.tensors[0] == .random(type, seed: 7))
  }

  @Test func inputsGetNoiseOfTheirOwn() throws {
    let binding = try InputBinding(graph, given: [], seed: 7)
    #expect(binding.tensors[0].data != binding.tensors[1].data)
  }

  @Test func unknownNamesAndWrongTypesAreReported() {
    let wide = Tensor(TensorType(.i8, [3]), numbers: [1, 2, 3])
    let float = Tensor(TensorType(.f32, [2]), numbers: [1, 2])
    for (name, tensor, id) in [
      ("c", given, "no-such-input"), ("", given, "no-such-input"), ("a", wide, "input-type"),
      ("a", float, "input-type"),
    ] {
      #expect {
        try InputBinding(graph, given: [(name, tensor)], seed: 1)
      } throws: { ($0 as? Diagnostic)?.message.id == id }
    }
  }

  @Test func aSingleInputNeedsNoName() throws {
    var single = Graph(name: "g")
    single.addInput("x", type)
    #expect(try InputBinding(single, given: [("", given)], seed: 1).generated.isEmpty)
  }
}
