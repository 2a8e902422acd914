import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Simulation
import Support
import TestSupport
import Testing

/// A program has no more of what it is to have least of than the fastest has, and the same bits.
struct ObjectiveTests {
  private static let models = TestFiles.existing(
    [TestFiles.fashion] + TestFiles.tinyModels.dropLast())
  private static let targets = ["ethos-u55-128", "ethos-u65-256", "ethos-u85-256"]

  @Test(arguments: models, targets)
  func modelsNeedLess(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    for objective in [Objective.memory, .traffic] {
      try expectLess(graph, TestTarget.make(target), objective)
    }
    try expectLess(graph, TestTarget.make(target).withEnergies, .energy)
  }

  @Test(arguments: 0..<20 as Range<UInt64>, Objective.allCases)
  func randomNetworksNeedLess(seed: UInt64, objective: Objective) throws {
    let graph = try RandomNetwork.make(seed: seed, size: 10)
    for target in ["ethos-u55-128", "ethos-u65-512"] {
      try expectLess(graph, TestTarget.make(target).withEnergies, objective)
    }
  }

  /// What moves the fewest bytes is one of the programs that energy is sought among.
  @Test(arguments: models, ["ethos-u65-256", "ethos-u85-256"])
  func energyIsNoMoreThanThatOfTheLeastTraffic(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let target = try TestTarget.make(target).withEnergies
    let energies = try [Objective.energy, .traffic].map {
      try #require(Program(lowering: graph, to: target, for: $0).energyPicojoules)
    }
    #expect(energies[0] <= energies[1])
  }

  /// Values that are moved out of the fast memory still take memory.
  @Test(arguments: models, ["ethos-u65-256", "ethos-u85-256"])
  func memoryIsLeastWhereverValuesLie(path: String, target: String) throws {
    var graph = try Model(path).graph
    try Pipeline.standard.run(on: &graph)
    let target = try TestTarget.make(target)
    let bytes = try [Objective.memory, .traffic, .latency].map {
      try Objective.memory.amount(in: Program(lowering: graph, to: target, for: $0))
    }
    #expect(bytes[0] <= bytes[1] && bytes[0] <= bytes[2], "\(bytes)")
    let least = try Program(lowering: graph, to: target, for: .memory)
    #expect(least.memories[target.memory(holding: .activations) ?? 0].usedBytes > 0)
  }

  @Test func layersTakeTurnsWhereMemoryCounts() throws {
    var graph = try Model(TestFiles.fashion).graph
    try Pipeline.standard.run(on: &graph)
    let target = try TestTarget.make()
    let fastest = try Program(lowering: graph, to: target)
    let smallest = try Program(lowering: graph, to: target, for: .memory)
    #expect(5 * smallest.memories[0].usedBytes < 4 * fastest.memories[0].usedBytes)
    #expect(Timeline(of: smallest).latencyCycles > Timeline(of: fastest).latencyCycles)
  }

  @Test func targetsWithoutEnergiesAreUnsupported() throws {
    let graph = try RandomNetwork.make(seed: 1)
    let problem = try #require(throws: Diagnostic.self) {
      _ = try Program(lowering: graph, to: TestTarget.make(), for: .energy)
    }
    #expect(problem.message.id == "no-energy-figures")
    #expect(problem.message.cause == .unsupported)
    #expect(problem.message.text.hasSuffix("energy `sram`, `flash`, the array take"))
  }

  /// By hand: an image of 4 x 4 pixels and 8 channels, and 8 x 8 weights with 10 bytes more for each channel.
  @Test func energyIsThatOfBytesAndMultiplications() throws {
    let graph = try GraphParser(
      """
      graph g(%x: i8<0.5>[1, 4, 4, 8]) {
        %w = constant(elided) : i8<0.01>[8, 1, 1, 8]
        %y = conv2d(%x, %w) : i8<0.5>[1, 4, 4, 8]
        return %y
      }
      """, operators: Operators.all
    ).graph
    let target = try TestTarget.make(replacing: [
      "holds: [activations, stagedConstants]":
        "picojoulesPerByte: 2\n    holds: [activations]",
      "holds: [constants]": "picojoulesPerByte: 50\n    holds: [constants]",
      "cyclesPerMicroBlock: 4": "picojoulesPerMac: 0.25\n  cyclesPerMicroBlock: 4",
    ])
    let program = try Program(lowering: graph, to: target, for: .energy)
    let (sram, flash, macs) = (2.0 * (128 + 128), 50.0 * (64 + 80), 0.25 * 16 * 64)
    #expect(program.energyPicojoules == sram + flash + macs)
    #expect(program.layerEnergies == [sram + flash + macs])
  }

  /// Figures of other chips have a source that reports can name; of flash there is none, so nothing is said.
  @Test func energiesOfLayersAddUp() throws {
    let graph = try GraphParser(
      """
      graph g(%x: i8<0.5>[1, 8, 8, 8]) {
        %w = constant(random(1)) : i8<0.01>[8, 3, 3, 8]
        %a = conv2d(%x, %w) {padding: "same"} : i8<0.5>[1, 8, 8, 8]
        %b = max_pool2d(%a) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 4, 4, 8]
        return %b
      }
      """, operators: Operators.all
    ).graph
    let target = try TestTarget.make("ethos-u65-256")
    #expect(target.energySource != nil)
    let program = try Program(lowering: graph, to: target, for: .energy)
    let layers = try #require(program.layerEnergies)
    #expect(layers.count == 2)
    #expect(layers.allSatisfy { $0 > 0 })
    #expect(program.energyPicojoules == layers.reduce(0, +))
    let onFlash = try Program(lowering: graph, to: TestTarget.make())
    #expect(onFlash.energyPicojoules == nil)
  }

  private func expectLess(
    _ graph: Graph, _ target: TargetDescription, _ objective: Objective
  ) throws {
    let fastest = try Program(lowering: graph, to: target)
    let program = try Program(lowering: graph, to: target, for: objective)
    #expect(program.verify() == [])
    #expect(objective.amount(in: program) <= objective.amount(in: fastest))
    #expect(try graph.disagreements(on: target, for: objective) == [])
    let again = try Program(lowering: graph, to: target, for: objective)
    #expect(again.description == program.description)
  }
}

extension TargetDescription {
  /// With energies that are of the right order: flash and DRAM take many times what the chip's own memory does.
  fileprivate var withEnergies: TargetDescription {
    var copy = self
    let fast = memory(holding: .activations)
    for memory in memories.indices {
      copy.memories[memory].picojoulesPerByte = memory == fast ? 1 : 100
    }
    copy.array.picojoulesPerMac = 0.5
    return copy
  }
}
