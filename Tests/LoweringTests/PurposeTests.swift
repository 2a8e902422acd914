import GraphIR
import Importing
import Lowering
import Operators
import Passes
import Simulation
import Support
import TestSupport
import Testing

/// A program that is made to be timed is the one that is made to be run, without its constants.
struct PurposeTests {
  private static let models = TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels)

  @Test(arguments: models, ["ethos-u55-128", "ethos-u85-256"])
  func timingTakesTheSameTimeAndMemory(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let target = try TestTarget.make(target)
    for objective in [Objective.latency, .traffic] {
      let run = try Program(lowering: graph, to: target, for: objective)
      let timed = try Program(lowering: graph, to: target, for: objective, .timing)
      #expect(timed.verify().map(\.description) == [])
      #expect(timed.image.isEmpty)
      #expect(timed.imageByteCount == run.image.count)
      #expect(timed.memories == run.memories)
      #expect(timed.codes == run.codes)
      #expect(Timeline(of: timed).ends == Timeline(of: run).ends)
      #expect(Timeline(of: timed).layers == Timeline(of: run).layers)
    }
  }

  @Test(arguments: models)
  func targetsThatShareEncodingsGetTheirOwnPrograms(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let encodings = KnownEncodings()
    let targets = try [
      "ethos-u55-128", "ethos-u55-256", "ethos-u65-256", "ethos-u65-512", "ethos-u55-128",
    ].map { try TestTarget.make($0) }
    let shared = Workers(count: 3).map(targets.count) { [graph] index in
      Result { try Program(lowering: graph, to: targets[index], .timing, sharing: encodings) }
    }
    for (target, program) in zip(targets, shared) {
      let (program, own) = (try program.get(), try Program(lowering: graph, to: target))
      #expect(program.imageByteCount == own.imageByteCount)
      #expect(program.memories == own.memories)
      #expect(program.codes == own.codes)
      #expect(Timeline(of: program).ends == Timeline(of: own).ends)
    }
  }

  @Test func programsToBeTimedDoNotRun() throws {
    let graph = try RandomNetwork.make(seed: 1)
    let program = try Program(
      lowering: graph, to: TestTarget.make(), for: .latency, .timing)
    let problem = try #require(throws: Diagnostic.self) { _ = try Simulator().load(program) }
    #expect(problem.message.id == "elided-program")
  }
}
