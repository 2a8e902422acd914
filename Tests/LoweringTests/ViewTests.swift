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

/// Values that are joined and cut where they lie.
struct ViewTests {
  @Test func channelsAreWrittenIntoTheirPlace() throws {
    let program = try expectAgreement(Self.branches)
    #expect(program.layers.map(\.kind) == ["conv2d", "depthwise_conv2d", "conv2d"])
    // Both parts of 8 channels lie between each other's in pixels of 16.
    let strides = program.commands.compactMap { command -> Int? in
      guard case .rescale(let rescale) = command.action else { return nil }
      return rescale.result.pixelStride
    }
    #expect(Set(strides) == [16, 4])
  }

  /// The operator that joins does nothing any more, but it stands in a layer.
  @Test func joinedAndCutOperatorsStandInALayer() throws {
    let program = try Program(lowering: Self.graph(Self.cuts), to: TestTarget.make())
    #expect(program.layers.allSatisfy { $0.engine != .host })
    #expect(program.eliminated == [])
  }

  @Test(arguments: [Self.branches, Self.cuts, Self.rows, Self.nested, Self.kept, Self.twice])
  func partsHaveTheReferencesBits(text: String) throws { try expectAgreement(text) }

  /// Where something needs the bytes side by side, the host joins them.
  @Test(arguments: [Self.kept, Self.twice])
  func whatCannotHaveGapsIsJoinedByTheHost(text: String) throws {
    let program = try Program(lowering: Self.graph(text), to: TestTarget.make())
    #expect(program.layers.contains { $0.engine == .host })
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func randomNetworksHaveTheReferencesBits(seed: UInt64) throws {
    let graph = try RandomNetwork.make(seed: seed, size: 12, joins: true)
    for target in ["ethos-u55-128", "ethos-u65-256", "ethos-u85-256"] {
      let found = try graph.disagreements(on: TestTarget.make(target), seed: seed)
      #expect(found == [])
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func smallMemoriesHaveTheReferencesBits(seed: UInt64) throws {
    let graph = try RandomNetwork.make(seed: seed, size: 12, joins: true)
    for sramBytes in [3_000, 20_000] {
      let target = try TestTarget.make(replacing: [
        "bytes: 4194304": "bytes: \(sramBytes)",
        "holds: [constants]": "holds: [constants, spilledActivations]",
      ])
      do {
        #expect(try graph.disagreements(on: target) == [], "\(sramBytes) bytes")
      } catch let problem as Diagnostic {
        #expect(problem.message.id == "does-not-fit")
      }
    }
  }

  @discardableResult
  private func expectAgreement(_ text: String) throws -> Program {
    let graph = try Self.graph(text)
    for target in TargetVariant.kinds {
      #expect(try graph.disagreements(on: TestTarget.make(target)) == [])
    }
    return try Program(lowering: graph, to: TestTarget.make())
  }

  private static func graph(_ text: String) throws -> Graph {
    try GraphParser(text, operators: Operators.all).graph
  }

  private static let branches = """
    graph branches(%x: i8<0.5>[1, 6, 6, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[8, 1, 1, 8]
      %w1 = constant(random(2)) : i8<0.01>[1, 3, 3, 8]
      %w2 = constant(random(3)) : i8<0.01>[4, 1, 1, 16]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 6, 6, 8]
      %b = depthwise_conv2d(%x, %w1) {padding: "same"} : i8<0.5>[1, 6, 6, 8]
      %c = concatenation(%a, %b) {axis: 3} : i8<0.5>[1, 6, 6, 16]
      %d = conv2d(%c, %w2) : i8<0.5>[1, 6, 6, 4]
      return %d
    }
    """

  private static let cuts = """
    graph cuts(%x: i8<0.5>[1, 6, 6, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[8, 1, 1, 8]
      %w1 = constant(random(2)) : i8<0.01>[8, 1, 1, 5]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 6, 6, 8]
      %b, %c = split(%a) {axis: -1, sizes: [3, 5]} : i8<0.5>[1, 6, 6, 3], i8<0.5>[1, 6, 6, 5]
      %p = max_pool2d(%b) {kernel: [2, 2], stride: [1, 1]} : i8<0.5>[1, 5, 5, 3]
      %s = strided_slice(%c) {begin: [0, 1, 0, 0], size: [1, 5, 5, 5], step: [1, 1, 1, 1]} : i8<0.5>[1, 5, 5, 5]
      %d = conv2d(%s, %w1) : i8<0.5>[1, 5, 5, 8]
      return %p, %d
    }
    """

  /// The older rows are an input, as in networks that see a stream.
  private static let rows = """
    graph rows(%old: i8<0.5>[1, 4, 1, 8], %x: i8<0.5>[1, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[1, 5, 1, 8]
      %r = reshape(%x) {shape: [1, 1, 1, 8]} : i8<0.5>[1, 1, 1, 8]
      %c = concatenation(%old, %r) {axis: 1} : i8<0.5>[1, 5, 1, 8]
      %n = strided_slice(%c) {begin: [0, 1, 0, 0], size: [1, 4, 1, 8], step: [1, 1, 1, 1]} : i8<0.5>[1, 4, 1, 8]
      %d = depthwise_conv2d(%c, %w0) : i8<0.5>[1, 1, 1, 8]
      return %d, %n
    }
    """

  /// Each layer reads all before it.
  private static let nested = """
    graph nested(%x: i8<0.5>[1, 6, 6, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[4, 1, 1, 8]
      %w1 = constant(random(2)) : i8<0.01>[4, 3, 3, 4]
      %w2 = constant(random(3)) : i8<0.01>[8, 3, 3, 8]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 6, 6, 4]
      %b = conv2d(%a, %w1) {padding: "same"} : i8<0.5>[1, 6, 6, 4]
      %c = concatenation(%a, %b) {axis: 3} : i8<0.5>[1, 6, 6, 8]
      %d = conv2d(%c, %w2) {padding: "same"} : i8<0.5>[1, 6, 6, 8]
      %e = concatenation(%c, %d) {axis: 3} : i8<0.5>[1, 6, 6, 16]
      %p = average_pool2d(%e) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 3, 3, 16]
      return %p
    }
    """

  /// A part leaves the network.
  private static let kept = """
    graph kept(%x: i8<0.5>[1, 6, 6, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[8, 1, 1, 8]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 6, 6, 8]
      %b = max_pool2d(%a) {kernel: [3, 3], stride: [1, 1], padding: "same"} : i8<0.5>[1, 6, 6, 8]
      %c = concatenation(%a, %b) {axis: 3} : i8<0.5>[1, 6, 6, 16]
      %d = average_pool2d(%c) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 3, 3, 16]
      return %a, %d
    }
    """

  /// A value cannot lie in two others.
  private static let twice = """
    graph twice(%x: i8<0.5>[1, 6, 6, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[8, 1, 1, 8]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 6, 6, 8]
      %b = max_pool2d(%a) {kernel: [3, 3], stride: [1, 1], padding: "same"} : i8<0.5>[1, 6, 6, 8]
      %c = concatenation(%a, %b) {axis: 3} : i8<0.5>[1, 6, 6, 16]
      %e = concatenation(%b, %a) {axis: 2} : i8<0.5>[1, 6, 12, 8]
      %d = average_pool2d(%c) {kernel: [2, 2], stride: [2, 2]} : i8<0.5>[1, 3, 3, 16]
      return %d, %e
    }
    """
}
