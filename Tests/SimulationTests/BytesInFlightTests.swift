import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import TestSupport
import Tensors
import Testing

/// Reads that are limited by bytes in flight, against hand computations on Ethos-U85-256: a copy may have 1,331 bytes in
/// flight, and the output stage 256 of parameters. The DRAM answers after 500 cycles; its port moves 12 bytes per cycle,
/// in bursts of 128. The SRAM takes up a write after 32 cycles.
struct BytesInFlightTests {
  /// It waits for its first bytes while it reads, so that nothing but the write's latency comes after the last.
  @Test func longCopyWaitsWithinItsTransfer() throws {
    let timeline = try Self.timeline([HandComputationTests.copy(from: 1, bytes: 12_800)])
    #expect(abs(timeline.ends[0] - (12_800.0 * 500 / 1331 + 32)) < 1e-6)
  }

  /// What is in flight at once takes as long as if nothing limited it.
  @Test func shortCopyTakesItsBytesAndALatency() throws {
    let timeline = try Self.timeline([HandComputationTests.copy(from: 1, bytes: 128)])
    #expect(abs(timeline.ends[0] - (128.0 / 12 + 500)) < 1)
  }

  /// 64 channels of 10 bytes are 5 bursts.
  @Test func parametersOfTheFirstBlockTakeTheirTime() throws {
    let timeline = try Self.timeline([Self.rescale()])
    #expect(abs(timeline.releases[0] - 640.0 * 500 / 256) < 1e-6)
  }

  /// The output stage was idle for as long as the copy took, and has asked for them meanwhile.
  @Test func parametersAreFetchedWhileTheOutputStageIsIdle() throws {
    var program = try Self.template().performing([
      HandComputationTests.copy(from: 1, bytes: 12_800), Self.rescale(),
    ])
    program.commands[1].dependencies.insert(0, on: .mover)
    let timeline = Timeline(of: program)
    let cycles = timeline.releases[1] - timeline.starts[1]
    // At the rate of the port, which the result of 64 bytes shares.
    #expect(abs(cycles - (640.0 + 128) / 12) < 1)
  }

  /// One engine reads from the SRAM at 655 bytes in 32 cycles, though its port moves 32 bytes in each.
  @Test func memoryLimitsWhatAnEngineReads() throws {
    let timeline = try Self.timeline([try HandComputationTests.load(bytes: 6400)])
    #expect(abs(timeline.releases[0] - 6400.0 * 32 / 655) < 1e-6)
  }

  private static func timeline(_ actions: [Action]) throws -> Timeline {
    Timeline(of: try template().performing(actions))
  }

  /// Of a layer whose parameters the output stage reads where they are kept.
  private static func rescale() throws -> Action {
    let actions = try template().commands.map(\.action)
    return try #require(actions.first { if case .rescale = $0 { true } else { false } })
  }

  private static func template() throws -> Program {
    let text = """
      graph g(%x: i8<0.05>[1, 1, 1, 64]) {
        %w = constant(random(1)) : i8<0.01>[64, 1, 1, 64]
        %y = conv2d(%x, %w) : i8<0.05>[1, 1, 1, 64]
        return %y
      }
      """
    var target = try Target(TargetVariant.path(of: "ethos-u85-256")).description
    target.memories = target.memories.map { memory in
      memory.holding(memory.holds.filter { $0 != .stagedConstants })
    }
    return try Program(
      lowering: GraphParser(text, operators: Operators.all).graph, to: target)
  }
}
