import Evaluation
import GraphIR
import Importing
import Operators
import Passes
import Support
import Tensors
import TestSupport
import Testing

struct PipelineTests {
  @Test func passesHaveNamesOfTheirOwn() {
    #expect(Set(Pass.all.map(\.name)).count == Pass.all.count)
    #expect(Pass.all.map(\.name) == Pass.all.map(\.name).sorted())
  }

  private static let pipelines = [Pipeline.standard, .approximate, .quantization]

  @Test(arguments: pipelines)
  func pipelineKeepsTheOrder(_ pipeline: Pipeline) {
    let names = pipeline.passes.map(\.name)
    for rule in Pipeline.order {
      let (first, second) = (
        names.firstIndex(of: rule.pass.name), names.lastIndex(of: rule.before.name)
      )
      guard let first, let second else { continue }
      #expect(first < second, "\(rule.pass.name) before \(rule.before.name): \(rule.because)")
    }
  }

  @Test(arguments: pipelines)
  func pipelineListsOnlyKnownPasses(_ pipeline: Pipeline) {
    let known = Set(Pass.all.map(\.name))
    #expect(pipeline.passes.allSatisfy { known.contains($0.name) })
    #expect(Pipeline.order.allSatisfy { known.isSuperset(of: [$0.pass.name, $0.before.name]) })
  }

  @Test func standardPipelineIsNotApproximate() {
    for pass in Pipeline.standard.passes {
      switch pass.exactness {
      case .exact, .quantizing: break
      case .approximate(let reason), .restoring(let reason):
        Issue.record("\(pass.name) changes numbers: \(reason)")
      }
    }
  }

  @Test func approximatePipelineHasAllOfTheStandardOne() {
    let names = Set(Pipeline.approximate.passes.map(\.name))
    #expect(names.isSuperset(of: Pipeline.standard.passes.map(\.name)))
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func otherPipelinesKeepRandomGraphs(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: seed % 2 == 0 ? .i8 : .f32, size: 24)
    for pipeline in [Pipeline.approximate, .quantization] {
      var (after, check) = (graph, try RewriteCheck(graph))
      try pipeline.run(on: &after, Pipeline.Options(verifiesEach: true)) { try check.check($0) }
      #expect(soundnessProblems(before: graph, after: after) == [])
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func standardPipelineKeepsRandomGraphs(seed: UInt64) throws {
    let element: ElementType = seed % 2 == 0 ? .i8 : .f32
    try expectSameMeaning(RandomGraph.make(seed: seed, element: element, size: 24))
  }

  @Test(
    .enabled(
      if: !TestFiles.existing(TestFiles.tinyModels).isEmpty, "no models beside the checkout"),
    arguments: TestFiles.existing(TestFiles.tinyModels))
  func standardPipelineKeepsTinyModels(path: String) throws {
    try expectSameMeaning(Model(path).graph)
  }

  /// The pipeline must leave a sound graph with the same outputs, in which a second run finds nothing to do.
  private func expectSameMeaning(_ before: Graph) throws {
    var (after, check) = (before, try RewriteCheck(before))
    try Pipeline.standard.run(on: &after, Pipeline.Options(verifiesEach: true)) {
      try check.check($0)
    }
    #expect(soundnessProblems(before: before, after: after) == [])
    let once = after
    try Pipeline.standard.run(on: &after)
    #expect(after == once, "\(lineDifference(once.text(), after.text()))")
  }
}

struct FoldingTests {
  /// Not a golden, because the runner would compute what the pass must not.
  @Test func workOfHoursIsLeftToTheDevice() throws {
    var graph = Graph(name: "g")
    let type = TensorType(.f32, [1, 1024, 1024, 1])
    let image = graph.addConstant("i", type, Tensor.random(type, seed: 1).data)
    let pool = AveragePool2D(kernel: [1 << 15, 1 << 15], padding: .same)
    graph.setOutputs(try graph.insert(ReLU(), graph.insert(pool, [image])))
    #expect(try !Pass.foldConstants.run(&graph))
    #expect(graph.order.count == 2)
  }
}

struct RewritingTests {
  /// Replaces each ReLU by another, for ever.
  private static let endless = Pass.rewrite(
    "endless", "never stops",
    Rule(replacing: ReLU.self) { graph, id, op in
      try graph.insert(op, [graph.input(of: id)], before: id)[0]
    })

  @Test func rewritingThatNeverEndsIsReported() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [2]))
    graph.setOutputs(try graph.insert(ReLU(), [x]))
    let problem = try #require(throws: Diagnostic.self) { _ = try Self.endless.run(&graph) }
    #expect(problem.message.id == "endless-rewriting")
  }

  /// Inserts a node and gives the input in place of the result.
  private static let refused = Pass.rewrite(
    "refused", "cannot be done at an output",
    Rule(replacing: ReLU.self) { graph, id, op in
      _ = try graph.insert(ReLU6(), [graph.input(of: id)], before: id)
      return graph.input(of: id)
    })

  @Test func refusedRewritingLeavesNoNodesBehind() throws {
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [2]))
    graph.setOutputs(try graph.insert(ReLU(), [x]))
    let before = graph
    #expect(try !Self.refused.run(&graph))
    #expect(graph == before)
    #expect(graph.verify().isEmpty)
  }

  @Test func passThatBreaksTheGraphIsNamed() throws {
    let breaking = Pass("breaking", "reads a value before it is computed") { graph in
      graph.setInput(0, of: graph.order[0], to: graph.result(of: graph.order[1]))
      return true
    }
    var graph = Graph(name: "g")
    let x = graph.addInput("x", TensorType(.f32, [2]))
    graph.setOutputs(try graph.insert(ReLU(), try graph.insert(ReLU(), [x])))
    let problem = try #require(throws: Diagnostic.self) {
      try Pipeline([breaking]).run(on: &graph, Pipeline.Options(verifiesEach: true))
    }
    #expect(problem.message.id == "broken-graph")
    #expect(problem.message.text.contains("`breaking`"))
  }
}
