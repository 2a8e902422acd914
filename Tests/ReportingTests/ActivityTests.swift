import Reporting
import TestSupport
import Testing

struct ActivityTests {
  @Test(arguments: Profiled.models, TargetVariant.roomy)
  func bytesAddUpToTheTraffic(path: String, target: String) throws {
    let run = try Profiled.run(path, target: target)
    for use in Activity(run.program, run.timeline).bandwidth {
      let traffic = run.profile.totals.trafficBytes[run.program.memories[use.memory].name]
      #expect(abs(use.readBytes.reduce(0, +) - Double(traffic?.read ?? 0)) < 1)
      #expect(abs(use.writtenBytes.reduce(0, +) - Double(traffic?.write ?? 0)) < 1)
    }
  }

  @Test(arguments: Profiled.models, TargetVariant.roomy)
  func turnsAddUpToLatencies(path: String, target: String) throws {
    let run = try Profiled.run(path, target: target)
    let turns = Dictionary(grouping: Activity(run.program, run.timeline).turns, by: \.layer)
    for (layer, cost) in run.timeline.layers.enumerated() {
      let cycles = (turns[layer] ?? []).reduce(0) { $0 + $1.cycles.count }
      #expect(cycles == cost.latencyCycles)
    }
  }

  @Test(arguments: Profiled.models)
  func slicesHoldEveryCommand(path: String) throws {
    let run = try Profiled.run(path)
    let activity = Activity(run.program, run.timeline, sliceLimit: 500)
    let end = run.timeline.ends.max() ?? 0
    #expect(activity.slices.reduce(0) { $0 + $1.commands } == run.program.commands.count)
    #expect(activity.slices.allSatisfy { $0.start <= $0.end && $0.end <= end })
    for use in activity.engines {
      let busy = activity.slices.filter { $0.engine == use.engine }.map { $0.end - $0.start }
      #expect(use.busyCycles <= end)
      #expect(busy.reduce(0, +) >= use.busyCycles - 1e-3)
    }
  }

  @Test(arguments: Profiled.models)
  func whatIsLiveFitsWhatIsUsed(path: String) throws {
    let run = try Profiled.run(path)
    for live in Activity(run.program, run.timeline).live {
      #expect((live.bytes.max() ?? 0) <= run.program.memories[live.memory].lowerBound)
    }
  }
}

struct LayerEdgesTests {
  @Test func operandsAreThoseOfTheGraph() throws {
    let run = try Profiled.run(
      text: """
        graph g(%x: i8<0.5>[1, 4, 4, 16]) {
          %a = add(%x, %x) : i8<0.5>[1, 4, 4, 16] from ADD 0
          %b = max_pool2d(%a) {kernel: [1, 1], stride: [1, 1]} : i8<0.5>[1, 4, 4, 16] from MAX_POOL_2D 1
          %c = add(%b, %a) : i8<0.5>[1, 4, 4, 16] from ADD 2
          %d = add(%c, %x) : i8<0.5>[1, 4, 4, 16] from ADD 3
          return %d
        }
        """)
    let edges = LayerEdges(run.program)
    #expect(edges.producers == [[], [0], [0, 1], [2]])
    #expect(edges.readsInput == [true, false, false, true])
  }
}

struct LayerBlockTests {
  @Test func namesMakeBlocks() {
    let names = (0..<12).map { "net/block\($0 / 4)/layer\($0)" }
    let blocks = LayerBlock.all(names, names.indices.map { $0 == 0 ? [] : [$0 - 1] })
    #expect(blocks.map(\.name) == ["net/block0", "net/block1", "net/block2"])
    #expect(blocks.map(\.layers) == [0...3, 4...7, 8...11])
  }

  /// Two residual blocks of four layers, whose names say nothing.
  @Test func residualsMakeBlocks() {
    let producers = [[], [0], [1], [2], [0, 3], [4], [5], [6], [4, 7]]
    let blocks = LayerBlock.all((0..<9).map { "t\($0)" }, producers)
    #expect(blocks.map(\.layers) == [0...0, 1...4, 5...8])
  }

  @Test(arguments: [1, 29, 30, 400])
  func everyLayerIsInOneBlock(count: Int) {
    let blocks = LayerBlock.all(
      (0..<count).map { "t\($0)" }, (0..<count).map { $0 == 0 ? [] : [$0 - 1] })
    #expect(blocks.flatMap { Array($0.layers) } == Array(0..<count))
  }
}
