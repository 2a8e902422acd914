import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Simulation
import TestSupport
import Testing

/// What commands wait for adds up to their times.
struct StallCyclesTests {
  private static let models = TestFiles.existing([TestFiles.fashion] + TestFiles.tinyModels)

  @Test(arguments: models, TargetVariant.kinds)
  func modelsAddUp(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let description = try Target(TargetVariant.path(of: target)).description
    try expectSums(Program(lowering: graph, to: description))
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomGraphsAddUp(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .i8, extent: 11, channels: 20)
    try expectSums(Program(lowering: graph, to: TimelineTests.target()))
  }

  /// By hand: two copies from flash of 1024 bytes each, at a byte per cycle.
  @Test func secondOfTwoCopiesWaitsForItsEngine() throws {
    let copy = HandComputationTests.copy(from: 1, bytes: 1024)
    let program = try HandComputationTests.program([copy, copy])
    let timeline = Timeline(of: program)
    let stalls = (0..<2).map { timeline.stalls(of: $0, in: program) }
    #expect(stalls.map(\.engine) == [0, 1024])
    #expect(stalls.map(\.memory) == [1024, 1024])
    #expect(stalls.map(\.port) == [1, 1])
    #expect(stalls.map(\.sum) == [1024, 2048])
    #expect(timeline.earliestStart(of: 1, in: program) == 0)
  }

  private func expectSums(_ program: Program) {
    let timeline = Timeline(of: program)
    let layers = StallCycles.all(program, timeline)
    #expect(layers.count == program.layers.count)
    var total = 0.0
    for index in program.commands.indices {
      let stalls = timeline.stalls(of: index, in: program)
      let waited = stalls.engine + stalls.dependency
      let earliest = timeline.earliestStart(of: index, in: program)
      #expect(abs(earliest + waited - timeline.starts[index]) < 1e-3)
      let computed = Double(timeline.computeCycles[index])
      let release = timeline.starts[index] + computed + stalls.memory
      #expect(abs(release - timeline.releases[index]) < 1e-3)
      #expect(stalls.weightDecode >= 0 && stalls.weightDecode <= computed)
      #expect(stalls.engine == 0 || stalls.dependency == 0)
      total += stalls.sum
    }
    let sum = layers.reduce(0) { $0 + $1.sum }
    #expect(abs(sum - total) <= 1e-9 * max(1, total))
  }
}
