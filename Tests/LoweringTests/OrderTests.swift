import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import Support
import TestSupport
import Testing

/// Layers are computed in another order where that takes less memory.
struct OrderTests {
  /// Two branches that widen and narrow again. The file computes both wide values before it narrows either.
  private static let branches = """
    graph branches(%x: i8<0.5>[1, 16, 16, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[64, 1, 1, 8]
      %w1 = constant(random(2)) : i8<0.01>[8, 1, 1, 64]
      %a = conv2d(%x, %w0) : i8<0.5>[1, 16, 16, 64]
      %b = conv2d(%x, %w0) {clamp: [0, null]} : i8<0.5>[1, 16, 16, 64]
      %c = conv2d(%a, %w1) : i8<0.5>[1, 16, 16, 8]
      %d = conv2d(%b, %w1) : i8<0.5>[1, 16, 16, 8]
      %s = add(%c, %d) : i8<0.5>[1, 16, 16, 8]
      return %s
    }
    """

  private var graph: Graph {
    get throws { try GraphParser(Self.branches, operators: Operators.all).graph }
  }

  /// By hand: input and one wide value, and a narrow one that waits.
  @Test func branchesFollowEachOtherWhereMemoryIsShort() throws {
    let pixels = 16 * 16
    let bytes = pixels * (8 + 64 + 8)
    let target = try TestTarget.make(sramBytes: bytes)
    let program = try Program(lowering: graph, to: target)
    #expect(program.layers.map(\.name) == ["a", "c", "b", "d", "s"])
    #expect(program.memories[0].usedBytes == bytes)
    #expect(try graph.disagreements(on: target) == [])
  }

  /// With a slow memory everything fits in any order, but it takes longer.
  @Test(arguments: [6_000, 10_000, 20_480, 30_000])
  func branchesFollowEachOtherWhereThatIsFaster(sramBytes: Int) throws {
    let target = try TestTarget.make(replacing: [
      "bytes: 4194304": "bytes: \(sramBytes)",
      "holds: [constants]": "holds: [constants, spilledActivations]",
    ])
    let program = try Program(lowering: graph, to: target)
    #expect(program.layers.map(\.name) == ["a", "c", "b", "d", "s"])
    #expect(try graph.disagreements(on: target) == [])
  }

  @Test func orderIsThatOfTheFileWhereMemorySuffices() throws {
    let program = try Program(lowering: graph, to: TestTarget.make())
    #expect(program.layers.map(\.name) == ["a", "b", "c", "d", "s"])
  }

  /// A stride that the NPU has not leaves a layer to the host; two layers wait for it, and two do not.
  @Test func layersRunBesideTheHostThatDoNotWaitForIt() throws {
    let graph = try GraphParser(Self.besideHost, operators: Operators.all).graph
    let target = try TestTarget.make()
    let program = try Program(lowering: graph, to: target)
    #expect(program.layers.map(\.name) == ["h", "a", "b", "c", "d"])
    let timeline = Timeline(of: program)
    #expect(timeline.latencyCycles < timeline.layers.reduce(0) { $0 + $1.computeCycles })
    #expect(try graph.disagreements(on: target) == [])
  }

  private static let besideHost = """
    graph host(%x: i8<0.5>[1, 16, 16, 8], %y: i8<0.5>[1, 16, 16, 8]) {
      %w = constant(random(1)) : i8<0.01>[8, 3, 3, 8]
      %h = conv2d(%x, %w) {padding: "same", stride: [4, 4]} : i8<0.5>[1, 4, 4, 8]
      %c = conv2d(%h, %w) {padding: "same"} : i8<0.5>[1, 4, 4, 8]
      %d = conv2d(%c, %w) {padding: "same"} : i8<0.5>[1, 4, 4, 8]
      %a = conv2d(%y, %w) {padding: "same"} : i8<0.5>[1, 16, 16, 8]
      %b = conv2d(%a, %w) {padding: "same"} : i8<0.5>[1, 16, 16, 8]
      return %d, %b
    }
    """

  @Test(arguments: 0..<40 as Range<UInt64>)
  func randomNetworksHaveTheReferencesBits(seed: UInt64) throws {
    let graph = try RandomNetwork.make(seed: seed, size: 12)
    #expect(try graph.disagreements(on: TestTarget.make(), for: .memory, seed: seed) == [])
  }
}
