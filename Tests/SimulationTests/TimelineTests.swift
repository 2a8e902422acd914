import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// What holds for the timeline of every program.
struct TimelineTests {
  private static let models = TestFiles.allModels.filter { (try? Model($0)) != nil }

  @Test(arguments: models, TargetVariant.roomy)
  func modelsRunInOrder(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let description = try Target(TargetVariant.path(of: target)).description
    try expectOrder(Program(lowering: graph, to: description))
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomGraphsRunInOrder(seed: UInt64) throws {
    let graph = try RandomGraph.make(seed: seed, element: .i8, extent: 11, channels: 20)
    try expectOrder(Program(lowering: graph, to: Self.target()))
  }

  private func expectOrder(_ program: Program) throws {
    let timeline = Timeline(of: program)
    expectEnginesInOrder(program, timeline)
    expectDependenciesFirst(program, timeline)
    #expect(timeline.layers.allSatisfy { $0.latencyCycles >= 0 })
    let end = timeline.ends.max() ?? 0
    #expect(timeline.latencyCycles == Int(end.rounded(.up)))
    #expect(timeline.layers.reduce(0) { $0 + $1.latencyCycles } == timeline.latencyCycles)
    let again = Timeline(of: program)
    #expect(timeline.starts == again.starts && timeline.ends == again.ends)
    #expect(timeline.layers == again.layers)
  }

  /// One command at a time, in the order of the program; latencies of results may overlap.
  private func expectEnginesInOrder(_ program: Program, _ timeline: Timeline) {
    for engine in Engine.allCases {
      let own = program.commands.indices.filter { program.commands[$0].action.engine == engine }
      let pairs = zip(own, own.dropFirst())
      #expect(pairs.allSatisfy { timeline.starts[$0] <= timeline.starts[$1] })
      #expect(pairs.allSatisfy { timeline.ends[$0] <= timeline.ends[$1] })
    }
  }

  private func expectDependenciesFirst(_ program: Program, _ timeline: Timeline) {
    for (index, command) in program.commands.enumerated() {
      let start = timeline.starts[index]
      #expect(start < timeline.ends[index])
      let isEarly = command.dependencies.all.contains { timeline.ends[$0] > start + 1e-6 }
      #expect(!isEarly, "command \(index) starts before what it waits for")
    }
  }

  static func target() throws -> TargetDescription {
    try Target(TargetVariant.path(of: "ethos-u55-128")).description
  }
}

/// Programs that were made by hand, against hand computations on Ethos-U55-128: the fast memory moves 8 bytes per
/// cycle, in bursts of 32 and with 32 cycles of latency; flash 1 byte per cycle, in bursts of 128, latency 64.
struct HandComputationTests {
  /// 1,024 bytes at 1 per cycle take 1,024 cycles, and the last byte 64 more.
  @Test func copyTakesItsBytesAndALatency() throws {
    let program = try Self.program([Self.copy(from: 1, bytes: 1024)])
    #expect(Timeline(of: program).latencyCycles == 1024 + 64)
  }

  /// 100 bytes are one burst of 128.
  @Test func copyTakesWholeBursts() throws {
    let program = try Self.program([Self.copy(from: 1, bytes: 100)])
    #expect(Timeline(of: program).latencyCycles == 128 + 64)
  }

  /// One engine copies one after the other; the second does not wait for the first one's latency.
  @Test func copiesOfOneEngineFollowEachOther() throws {
    let copy = Self.copy(from: 1, bytes: 1024)
    let program = try Self.program([copy, copy])
    let timeline = Timeline(of: program)
    #expect(timeline.starts == [0, 1024])
    #expect(timeline.ends == [1024 + 64, 2048 + 64])
  }

  @Test func copyThatWaitsForAnotherEngineWaitsForItsLatencyToo() throws {
    var program = try Self.program([Self.load(bytes: 800), Self.copy(from: 1, bytes: 128)])
    program.commands[1].dependencies.insert(0, on: .reader)
    #expect(Timeline(of: program).starts == [0, 100 + 32])
  }

  /// The copy reads and writes 400 bytes, 416 in bursts of 32, through the port from which the load reads: three
  /// transfers share it. When the copy is done, the load has all of it, and ends as if all had come one by one.
  @Test func portIsSharedEqually() throws {
    let program = try Self.program([Self.load(bytes: 1600), Self.copyWithin(bytes: 400)])
    let timeline = Timeline(of: program)
    let shared = 3.0 * 416 / 8
    #expect(timeline.ends[1] == shared + 32)
    let sum: Double = (1600 + 2 * 416) / 8 + 32
    #expect(timeline.ends[0] == sum)
  }

  /// Ports of different memories do not hinder each other.
  @Test func differentPortsAreNotShared() throws {
    let program = try Self.program([Self.load(bytes: 800), Self.copyFromFlashToBuffer(bytes: 512)])
    #expect(Timeline(of: program).ends == [100 + 32, 512 + 64])
  }

  @Test func layersAreBoundByWhatIsBusy() {
    #expect(Self.cost(100, compute: 60, memory: 20).bound == .compute)
    #expect(Self.cost(100, compute: 20, memory: 60).bound == .memory)
    #expect(Self.cost(100, compute: 60, memory: 60).bound == .compute)
    #expect(Self.cost(100, compute: 20, memory: 20).bound == .overhead)
    #expect(Self.cost(100, compute: 20, memory: 20, port: 80).bound == .memory)
    #expect(Self.cost(100, compute: 50, memory: 20, port: 80).bound == .compute)
    #expect(Self.cost(0, compute: 0, memory: 0).bound == .overhead)
    #expect(Self.cost(99, compute: 49, memory: 49, port: 49).bound == .overhead)
  }

  private static func cost(
    _ latency: Int, compute: Int, memory: Int, port: Int = 0
  ) -> LayerCost {
    var cost = LayerCost(readBytes: [0], writtenBytes: [0])
    cost.latencyCycles = latency
    cost.computeCycles = compute
    cost.memoryCycles = memory
    cost.portCycles = port
    return cost
  }

  /// A program of one layer with these commands, none of which waits.
  static func program(_ actions: [Action]) throws -> Program {
    try template().performing(actions)
  }

  private static func template() throws -> Program {
    var graph = Graph(name: "g")
    let type = TensorType(.i8, [1, 4, 4, 8], Quantization(scale: 1))
    let x = graph.addInput("x", type)
    graph.setOutputs(try graph.insert(Add(), [x, x], results: [type]))
    return try Program(lowering: graph, to: TimelineTests.target())
  }

  /// A copy into the fast memory.
  static func copy(from memory: Int, bytes: Int) -> Action {
    .copy(from: span(memory, bytes), to: Span(memory: 0, address: 1 << 16, byteCount: bytes))
  }

  static func copyWithin(bytes: Int) -> Action { copy(from: 0, bytes: bytes) }

  static func copyFromFlashToBuffer(bytes: Int) -> Action {
    .copy(from: span(1, bytes), to: span(2, bytes))
  }

  /// A load of a dense tile into the buffer.
  static func load(bytes: Int) throws -> Action {
    guard case .load(var load) = try template().commands[0].action else {
      preconditionFailure("an addition begins with a load")
    }
    load.tile = Tile(
      memory: 0, address: 0, height: 1, width: 1, channels: bytes, rowStride: bytes,
      pixelStride: bytes)
    return .load(load)
  }

  private static func span(_ memory: Int, _ bytes: Int) -> Span {
    Span(memory: memory, address: 0, byteCount: bytes)
  }
}

/// Small layers, from the first byte to the last, by hand.
struct LayerHandComputationTests {
  @Test func additionOfTwoBlocks() throws {
    let program = try Self.program(
      """
      graph g(%a: i8<0.5>[1, 2, 2, 8], %b: i8<0.5>[1, 2, 2, 8]) {
        %c = add(%a, %b) : i8<0.5>[1, 2, 2, 8]
        return %c
      }
      """)
    // Two blocks of 1x2x8. Both operands of the first are there after 4 + 4 cycles and the latency, 24 cycles of
    // addition follow, and while the second block is read meanwhile, its 24 cycles come right after.
    #expect(program.commands.count == 6)
    let timeline = Timeline(of: program)
    let expected = 4 + 4 + 32 + 24 + 24 + 32
    #expect(timeline.latencyCycles == expected)
    #expect(timeline.layers[0].computeCycles == 48)
    #expect(timeline.layers[0].readBytes == [64, 0])
    #expect(timeline.layers[0].writtenBytes == [32, 0])
  }

  /// A call to the host reads its operand, calls, and works at 0.1 elements per cycle.
  @Test func transposeOnTheHost() throws {
    let program = try Self.program(
      """
      graph g(%a: i8<0.5>[4, 8]) {
        %c = transpose(%a) {permutation: [1, 0]} : i8<0.5>[8, 4]
        return %c
      }
      """)
    let work = 1000 + program.layers[0].work.elementOperations * 10
    #expect(Timeline(of: program).latencyCycles == work + 32)
    #expect(program.layers[0].hostReason == "the NPU has no `transpose`")
  }

  static func program(_ text: String) throws -> Program {
    try Program(
      lowering: GraphParser(text, operators: Operators.all).graph, to: TimelineTests.target())
  }
}

struct SimulatorTests {
  /// One loaded program may be run many times, and gives the same each time.
  @Test func runsDoNotInfluenceEachOther() throws {
    let graph = try RandomGraph.make(seed: 5, element: .i8, extent: 9, channels: 16)
    let loaded = try Simulator().load(
      Program(lowering: graph, to: TimelineTests.target()))
    let type = graph.values[graph.inputs[0]].type
    let inputs = [1, 2].map { (seed: UInt64) in [Tensor.random(type, seed: seed)] }
    let first = try loaded.run(inputs[0])
    let other = try loaded.run(inputs[1])
    let again = try loaded.run(inputs[0])
    #expect(first.outputs == again.outputs)
    #expect(first.outputs != other.outputs)
    #expect(first.values.isEmpty)
    #expect(first.latencyCycles == other.latencyCycles)
  }

  @Test func brokenProgramIsNotRun() throws {
    let graph = try RandomGraph.make(seed: 5, element: .i8)
    var program = try Program(lowering: graph, to: TimelineTests.target())
    program.commands[0].layer = 1000
    let problem = try #require(throws: Diagnostics.self) { _ = try Simulator().load(program) }
    #expect(problem.all.map(\.message.cause) == [.ourFault])
  }
}
