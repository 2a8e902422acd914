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

/// What does not fit a target is refused before memory is asked for.
struct CapacityTests {
  @Test func valuesThatDoNotFitAreUnsupported() throws {
    let graph = try Self.chain(sides: 64)
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make(sramBytes: 10_000))
    }
    #expect(problem.message.id == "does-not-fit")
    #expect(problem.message.cause == .unsupported)
    #expect(problem.message.text.contains("the values need"))
    // Of 64 x 64 pixels with 8 channels, two are in use at once.
    #expect(problem.help?.contains("\(2 * 64 * 64 * 8) bytes") == true)
    #expect(problem.place.spot == graph.spot(of: graph.order[0]))
    #expect(problem.help?.contains("`x` with 32768 and ") == true)
  }

  /// In the best order nine of the sixteen values are there at once.
  @Test func moreThanSixTenantsAreCounted() throws {
    var graph = Graph(name: "g")
    let type = TensorType(.i8, [1, 8, 8, 8], Quantization(scale: 0.1))
    let inputs = (0..<8).map { graph.addInput("x\($0)", type) }
    graph.setOutputs(
      try inputs.map { try graph.insert(Add(), [$0, inputs[0]], results: [type])[0] })
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make(sramBytes: 1024))
    }
    #expect(problem.help?.contains(" with 512 and 3 more; make these smaller") == true)
  }

  /// What the help names is tried out: so many bytes do, and a step less does not.
  @Test(arguments: TestFiles.existing([TestFiles.fashion, TestFiles.tinyModels[3]]))
  func theLeastMemoryThatIsNamedFits(path: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make(sramBytes: 2048))
    }
    let digits = try #require(problem.help?.firstMatch(of: /--sram (\d+)KiB/)?.1)
    let bytes = 1024 * (try #require(Int(digits)))
    // So much is told to be in the way, not what a schedule would take that never fits.
    let needed = try #require(problem.message.text.firstMatch(of: /need (\d+) bytes/)?.1)
    #expect((bytes - 1024...bytes).contains(try #require(Int(needed))))
    _ = try Program(lowering: graph, to: TestTarget.make(sramBytes: bytes))
    #expect(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make(sramBytes: bytes - 1024))
    }
  }

  @Test func memoryModesThatSufficeAreNamed() throws {
    let target = try Target(
      TargetVariant.path(of: "ethos-u65-256"),
      TargetChoice(memoryMode: "Shared_Sram", activationMemoryBytes: 10_000))
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: Self.chain(sides: 64), to: target)
    }
    #expect(problem.help?.contains("it fits with `--memory-mode Dedicated_Sram`") == true)
  }

  @Test func constantsThatDoNotFitAreUnsupported() throws {
    let target = try TestTarget.make(replacing: ["bytes: 67108864": "bytes: 256"])
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: Self.chain(sides: 8), to: target)
    }
    #expect(problem.message.id == "does-not-fit")
    #expect(problem.message.cause == .unsupported)
    #expect(problem.message.text.contains("the constants need"))
  }

  /// Weights of 2^40 bytes each, on the array and on the host.
  @Test func elidedConstantsOfManyTerabytesAreUnsupported() throws {
    for dilation in [1, 3] {
      var graph = Graph(name: "g")
      let scale = Quantization(scale: 0.1)
      let x = graph.addInput("x", TensorType(.i8, [1, 1, 1, 1 << 20], scale))
      let w = graph.addConstant("w", TensorType(.i8, [1 << 20, 1, 1, 1 << 20], scale), nil)
      let conv = Conv2D(dilation: [dilation, dilation])
      graph.setOutputs(
        try graph.insert(
          conv, [x, w], results: [TensorType(.i8, [1, 1, 1, 1 << 20], Quantization(scale: 9))]))
      let problem = try #require(throws: Diagnostic.self) {
        _ = try Program(lowering: graph, to: TestTarget.make())
      }
      #expect(problem.message.id == "does-not-fit")
    }
  }

  /// An input of 2^40 bytes alone is more than any memory.
  @Test func enormousInputsAreUnsupported() throws {
    var graph = Graph(name: "g")
    let type = TensorType(.i8, [1 << 10, 1 << 10, 1 << 10, 1 << 10], Quantization(scale: 0.1))
    let x = graph.addInput("x", type)
    graph.setOutputs(try graph.insert(Add(), [x, x], results: [type]))
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make())
    }
    #expect(problem.message.id == "does-not-fit")
  }

  @Test func elidedConstantsAreCostedAndNotRun() throws {
    let graph = try Self.chain(sides: 8, isElided: true)
    let program = try Program(lowering: graph, to: TestTarget.make())
    let full = try Program(lowering: Self.chain(sides: 8), to: TestTarget.make())
    #expect(program.verify() == [])
    #expect(Timeline(of: program).latencyCycles == Timeline(of: full).latencyCycles)
    let problem = try #require(throws: Diagnostic.self) { _ = try Simulator().load(program) }
    #expect(problem.message.id == "elided-program")
    #expect(problem.message.cause == .unsupported)
  }

  /// Less memory means less staging ahead, then none: slower, never wrong.
  @Test func shortMemoryStagesLess() throws {
    let graph = try Self.chain(sides: 16, length: 4)
    let roomy = try Program(lowering: graph, to: TestTarget.make())
    let values = 2 * 16 * 16 * 8
    let short = try Program(lowering: graph, to: TestTarget.make(sramBytes: values + 1000))
    let shortest = try Program(lowering: graph, to: TestTarget.make(sramBytes: values))
    #expect(copiesBeforeTheFirstLoad(roomy) > copiesBeforeTheFirstLoad(short))
    #expect(shortest.commands.allSatisfy { $0.action.engine != .mover })
    #expect(shortest.memories[0].usedBytes <= values)
    let times = [roomy, short, shortest].map { Timeline(of: $0).latencyCycles }
    #expect(times == times.sorted())
    for bytes in [values, values + 1000] {
      #expect(try graph.disagreements(on: TestTarget.make(sramBytes: bytes)) == [])
    }
  }

  @Test func operatorThatItsEngineCannotComputeRunsOnTheHost() throws {
    let target = try TestTarget.make(replacing: [
      "    max_pool2d:": "    conv2d:", "    conv2d:": "    max_pool2d:",
    ])
    let program = try Program(lowering: Self.chain(sides: 8), to: target)
    #expect(program.layers.map(\.engine) == [.host])
    #expect(program.verify() == [])
  }

  private func copiesBeforeTheFirstLoad(_ program: Program) -> Int {
    program.commands.prefix { $0.action.engine == .mover }.count
  }

  /// Convolutions one after the other.
  private static func chain(sides: Int, length: Int = 1, isElided: Bool = false) throws -> Graph {
    var graph = Graph(name: "chain")
    let type = TensorType(.i8, [1, sides, sides, 8], Quantization(scale: 0.1))
    var value = graph.addInput("x", type)
    for number in 0..<length {
      let weights = TensorType(.i8, [8, 3, 3, 8], Quantization(scale: 0.01))
      let data = isElided ? nil : Tensor.random(weights, seed: UInt64(number)).data
      let w = graph.addConstant("w\(number)", weights, data)
      value = try graph.insert(Conv2D(padding: .same), [value, w], results: [type])[0]
    }
    graph.setOutputs([value])
    return graph
  }
}
