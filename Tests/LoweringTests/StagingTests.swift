import GraphIR
import Hardware
import Importing
import Lowering
import Operators
import Passes
import Simulation
import TestSupport
import Testing

/// Which constants are copied into the fast memory, and which are read where they are kept.
struct StagingTests {
  /// The array reads DRAM faster than the mover of an Ethos-U85, and the output stage far slower.
  @Test(arguments: ["ethos-u85-256", "ethos-u85-2048"])
  func parametersAreCopiedByThemselvesWhereReadingThemIsSlow(name: String) throws {
    let graph = try Self.graph(Self.chain)
    let target = try TestTarget.make(name)
    let program = try Program(lowering: graph, to: target)
    let (fast, slow) = (Self.memory(.activations, target), Self.memory(.constants, target))
    for command in program.commands {
      if case .rescale(let rescale) = command.action {
        #expect(rescale.parameters.memory == fast)
      }
    }
    #expect(program.commands.contains { Self.weights($0)?.memory == slow })
    #expect(try graph.disagreements(on: target) == [])
    // No more of the fast memory than values and the parameters of two layers take.
    let parameters = 13 * 640
    #expect(program.memories[fast].usedBytes <= 2 * parameters + 2 * 640)
  }

  /// The weights of one layer after the other are more than flash brings while layers compute.
  @Test func weightsThatWouldComeTooLateAreReadWhereTheyAreKept() throws {
    let graph = try Self.graph(Self.wide)
    let target = try TestTarget.make()
    let program = try Program(lowering: graph, to: target)
    let constants = program.memories[Self.memory(.constants, target)].usedBytes
    let copied = program.commands.reduce(0) { sum, command in
      guard case .copy(let from, _) = command.action else { return sum }
      return sum + from.byteCount
    }
    #expect(copied < constants / 2)
    // Flash is never idle for long: it has one byte for each cycle.
    #expect(Timeline(of: program).latencyCycles < constants * 11 / 10)
    #expect(try graph.disagreements(on: target) == [])
  }

  /// One row of the result needs all weights: with lower blocks they would be read again for each.
  @Test func blocksReadWeightsSeldom() throws {
    let graph = try Self.graph(Self.images)
    let target = try TestTarget.make()
    let program = try Program(lowering: graph, to: target)
    let read = program.commands.reduce(0) { $0 + (Self.weights($1)?.byteCount ?? 0) }
    let weights = program.memories[Self.memory(.constants, target)].usedBytes
    // By hand: 56 × 56 pixels in blocks of 64.
    #expect(read <= 49 * weights)
  }

  /// The weights of the example compress; those that do not are stored as they are.
  @Test(.enabled(if: !TestFiles.existing([TestFiles.fashion]).isEmpty))
  func encodedConstantsBeginAtMultiplesOf16() throws {
    var graph = try Model(TestFiles.fashion).graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: TestTarget.make())
    let encoded = Set(
      program.commands.filter {
        if case .convolve(let convolve) = $0.action { convolve.code != nil } else { false }
      }.map(\.layer))
    #expect(!encoded.isEmpty)
    for command in program.commands where encoded.contains(command.layer) {
      switch command.action {
      case .copy(let from, let to):
        #expect(from.address % 16 == 0 && to.address % 16 == 0 && from.byteCount % 16 == 0)
      case .rescale(let rescale): #expect(rescale.parameters.address % 16 == 0)
      default: continue
      }
    }
  }

  /// Softmax is 26 operations, the other two layers one each; codes are as long as they are.
  @Test func commandsAreCountedByHand() throws {
    let program = try Program(lowering: Self.graph(Self.small), to: TestTarget.make())
    let copies = program.commands.count { if case .copy = $0.action { true } else { false } }
    let codes = program.codes.reduce(0) { $0 + $1.count }
    #expect(copies <= 1)
    #expect(program.commandBytes == 28 * 89 + copies * 24 + codes)
  }

  @Test func commandsOfAnUnknownLengthAreNotCounted() throws {
    let target = try TestTarget.make(replacing: [
      "commands: { operationBytes: 89, copyBytes: 24 }": ""
    ])
    #expect(try Program(lowering: Self.graph(Self.small), to: target).commandBytes == nil)
  }

  private static func memory(
    _ role: TargetDescription.Role, _ target: TargetDescription
  ) -> Int { target.memory(holding: role) ?? 0 }

  private static func weights(_ command: Command) -> Span? {
    guard case .convolve(let convolve) = command.action else { return nil }
    return convolve.weights
  }

  private static func graph(_ text: String) throws -> Graph {
    try GraphParser(text, operators: Operators.all).graph
  }

  private static let chain = """
    graph chain(%x: i8<0.5>[1, 640]) {
      %w0 = constant(random(1)) : i8<0.01>[128, 640]
      %w1 = constant(random(2)) : i8<0.01>[128, 128]
      %w2 = constant(random(3)) : i8<0.01>[640, 128]
      %a = fully_connected(%x, %w0) : i8<0.5>[1, 128]
      %b = fully_connected(%a, %w1) : i8<0.5>[1, 128]
      %c = fully_connected(%b, %w2) : i8<0.5>[1, 640]
      return %c
    }
    """

  private static let wide = """
    graph wide(%x: i8<0.5>[1, 48, 48, 16]) {
      %w0 = constant(random(1)) : i8<0.01>[16, 3, 3, 16]
      %w1 = constant(random(2)) : i8<0.01>[256, 36864]
      %a = conv2d(%x, %w0) {padding: "same"} : i8<0.5>[1, 48, 48, 16]
      %b = reshape(%a) {shape: [1, 36864]} : i8<0.5>[1, 36864]
      %c = fully_connected(%b, %w1) : i8<0.5>[1, 256]
      return %c
    }
    """

  private static let images = """
    graph images(%x: i8<0.5>[1, 56, 56, 32]) {
      %w = constant(random(1)) : i8<0.01>[192, 1, 1, 32]
      %a = conv2d(%x, %w) : i8<0.5>[1, 56, 56, 192]
      return %a
    }
    """

  private static let small = """
    graph small(%x: i8<0.5>[1, 8, 8, 8]) {
      %w = constant(random(1)) : i8<0.01>[8, 1, 1, 8]
      %a = conv2d(%x, %w) : i8<0.5>[1, 8, 8, 8]
      %b = max_pool2d(%a) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 4, 4, 8]
      %c = softmax(%b) : i8<0.00390625:-128>[1, 4, 4, 8]
      return %c
    }
    """
}
