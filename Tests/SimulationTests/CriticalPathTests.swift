import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Simulation
import TestSupport
import Testing

/// What holds for the critical path of every program.
struct CriticalPathTests {
  private static let models = TestFiles.allModels.filter { (try? Model($0)) != nil }

  @Test(arguments: models, TargetVariant.roomy)
  func modelsAreExplainedToTheLastCycle(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let description = try Target(TargetVariant.path(of: target)).description
    try expectSums(Program(lowering: graph, to: description))
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomGraphsAreExplainedToTheLastCycle(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .i8, extent: 11, channels: 20)
    try expectSums(Program(lowering: graph, to: TimelineTests.target()))
  }

  private func expectSums(_ program: Program) throws {
    let timeline = Timeline(of: program)
    let path = CriticalPath(of: program, timeline)
    #expect(path.total.sum == timeline.latencyCycles)
    #expect(path.layers.count == program.layers.count)
    #expect(path.layers.reduce(0) { $0 + $1.sum } == timeline.latencyCycles)
    for cycles in path.layers {
      let purposes = [
        cycles.compute, cycles.weightDecode, cycles.output, cycles.dependency, cycles.overhead,
        cycles.host,
      ]
      #expect((purposes + cycles.memory).allSatisfy { $0 >= 0 })
    }
    #expect(path == CriticalPath(of: program, timeline))
  }
}

/// Hand computations on Ethos-U55-128, as in the tests of the timeline: the fast memory moves 8 bytes per cycle, flash
/// 1 byte per cycle; latencies of 32 and 64.
struct CriticalPathHandComputationTests {
  @Test func copyWaitsForItsSlowestMemory() throws {
    let total = try Self.total([HandComputationTests.copy(from: 1, bytes: 1024)])
    #expect(total.memory == [0, 1024])
    #expect(total.dependency == 64)
    #expect(total.sum == 1024 + 64)
  }

  /// The second begins when the first frees the engine, so that one latency is hidden.
  @Test func busyEngineIsACause() throws {
    let copy = HandComputationTests.copy(from: 1, bytes: 1024)
    let total = try Self.total([copy, copy])
    #expect(total.memory == [0, 2048])
    #expect(total.dependency == 64)
  }

  @Test func latencyOfAResultIsADependency() throws {
    let total = try Self.total(
      [HandComputationTests.load(bytes: 800), HandComputationTests.copy(from: 1, bytes: 128)]
    ) { $0[1].dependencies.insert(0, on: .reader) }
    #expect(total.memory == [100, 128])
    #expect(total.dependency == 32 + 64)
  }

  /// The second load waits for the copy, 576 cycles, not for the load before it, 100 cycles.
  @Test func whatEndsEarlierIsHidden() throws {
    let total = try Self.total([
      HandComputationTests.load(bytes: 800), HandComputationTests.copyFromFlashToBuffer(bytes: 512),
      HandComputationTests.load(bytes: 96),
    ]) { $0[2].dependencies.insert(1, on: .mover) }
    #expect(total.memory == [12, 512])
    #expect(total.dependency == 64 + 32)
    #expect(total.sum == 512 + 64 + 12 + 32)
  }

  /// The second copy is done in 8 cycles, and has to let the first one's latency pass.
  @Test func completionInOrderIsADependency() throws {
    let total = try Self.total([
      HandComputationTests.copyFromFlashToBuffer(bytes: 128),
      HandComputationTests.copyWithin(bytes: 32), HandComputationTests.load(bytes: 96),
    ]) { $0[2].dependencies.insert(1, on: .mover) }
    #expect(total.memory == [8 + 12, 128])
    #expect(total.dependency == (64 - 8) + 32)
  }

  /// Two blocks of 24 cycles follow each other; before the first, two loads of 4 cycles and a latency.
  @Test func additionIsBoundByTheOutputStage() throws {
    let total = try Self.total(
      of: """
        graph g(%a: i8<0.5>[1, 2, 2, 8], %b: i8<0.5>[1, 2, 2, 8]) {
          %c = add(%a, %b) : i8<0.5>[1, 2, 2, 8]
          return %c
        }
        """)
    #expect(total.output == 24 + 24)
    #expect(total.memory == [4 + 4, 0])
    #expect(total.dependency == 32 + 32)
    #expect(total.sum == 48 + 8 + 64)
  }

  /// 320 elements at 0.1 per cycle, after the call itself.
  @Test func callOfTheHostHasAFixedPart() throws {
    let text = """
      graph g(%a: i8<0.5>[4, 8]) {
        %c = transpose(%a) {permutation: [1, 0]} : i8<0.5>[8, 4]
        return %c
      }
      """
    let work = try LayerHandComputationTests.program(text).layers[0].work
    let total = try Self.total(of: text)
    #expect(total.overhead == 1000)
    #expect(total.host == work.elementOperations * 10)
    #expect(total.dependency == 32)
    #expect(total.sum == total.overhead + total.host + total.dependency)
  }

  /// One pixel: 32 cycles to decode the weights of 8 channels, 4 to multiply, and 2 between steps.
  @Test func weightsOfOnePixelAreBoundByTheirDecoding() throws {
    let total = try Self.total(
      of: """
        graph g(%x: i8<0.5>[1, 32]) {
          %w = constant(random(1)) : i8<0.5>[8, 32]
          %y = fully_connected(%x, %w) : i8<0.5>[1, 8]
          return %y
        }
        """)
    #expect(total.weightDecode == 32)
    #expect(total.overhead == 2)
    #expect(total.compute == 0)
  }

  private static func total(of text: String) throws -> CriticalCycles {
    let program = try LayerHandComputationTests.program(text)
    return CriticalPath(of: program, Timeline(of: program)).total
  }

  private static func total(
    _ actions: [Action], change: (inout [Command]) -> Void = { _ in }
  ) throws -> CriticalCycles {
    var program = try HandComputationTests.program(actions)
    change(&program.commands)
    return CriticalPath(of: program, Timeline(of: program)).total
  }
}
