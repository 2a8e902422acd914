import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// Layers that take turns, and values in a slow memory: whatever fits how little memory, the bits are the same.
struct CascadeTests {
  /// The most rows of all layers together are many times what the fast memory holds.
  @Test(arguments: [6_000, 12_000, 30_000, 60_000, 120_000])
  func chainsHaveTheReferencesBits(sramBytes: Int) throws {
    let graph = try GraphParser(Self.inverted, operators: Operators.all).graph
    let target = try Self.target(sramBytes: sramBytes)
    #expect(try graph.disagreements(on: target) == [])
    let program = try Program(lowering: graph, to: target)
    #expect(program.memories[0].usedBytes <= sramBytes)
  }

  @Test func layersTakeTurnsWhereTheirValuesDoNotFit() throws {
    let graph = try GraphParser(Self.inverted, operators: Operators.all).graph
    let program = try Program(lowering: graph, to: Self.target(sramBytes: 30_000))
    // Some values exist only in part.
    #expect(program.values.count < graph.order.count)
    let layers = program.commands.map(\.layer)
    #expect(layers != layers.sorted())
    // What lies in the slow memory at least is read and written there.
    let roomy = try Program(lowering: graph, to: Self.target(sramBytes: 4_000_000))
    let traffic = [program, roomy].map {
      Timeline(of: $0).layers.map { $0.readBytes[1] + $0.writtenBytes[1] }.reduce(0, +)
    }
    #expect(traffic[0] < 3 * traffic[1])
  }

  /// Blocks are chosen for where inputs and outputs lie, also where everything else fits the fast memory.
  @Test func blocksSuitTheSlowMemory() throws {
    let graph = try GraphParser(Self.chain, operators: Operators.all).graph
    let target = try Self.target(sramBytes: 4_000_000)
    let plain = try #require(try ScheduleChoice.all(for: graph, on: target).first)
    let searched = try #require(try Program(lowering: graph, to: target, as: plain))
    let ours = try Program(lowering: graph, to: target)
    #expect(Timeline(of: ours).latencyCycles <= Timeline(of: searched).latencyCycles)
  }

  @Test(arguments: 0..<60)
  func randomNetworksHaveTheReferencesBits(seed: UInt64) throws {
    let graph = try RandomNetwork.make(seed: seed, size: 12)
    for sramBytes in [2_000, 5_000, 20_000] {
      guard let target = try? Self.target(sramBytes: sramBytes) else { continue }
      do {
        #expect(try graph.disagreements(on: target) == [], "\(sramBytes) bytes")
      } catch let problem as Diagnostic {
        #expect(problem.message.id == "does-not-fit")
      }
    }
  }

  /// A small fast memory, and a slow one for inputs, outputs and constants.
  private static func target(sramBytes: Int) throws -> TargetDescription {
    try TestTarget.make(replacing: [
      "bytes: 4194304": "bytes: \(sramBytes)",
      "holds: [constants]": "holds: [constants, spilledActivations]",
    ])
  }

  /// Windows of the input that overlap: blocks that are low would read most of it twice.
  private static let chain = """
    graph chain(%x: i8<0.5>[1, 24, 24, 8]) {
      %w = constant(random(1)) : i8<0.01>[8, 3, 3, 8]
      %a = conv2d(%x, %w) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
      %b = conv2d(%a, %w) {padding: "same"} : i8<0.5>[1, 24, 24, 8]
      return %b
    }
    """

  /// Two inverted residual blocks with a wide middle.
  private static let inverted = """
    graph inverted(%x: i8<0.5>[1, 32, 30, 8]) {
      %w0 = constant(random(1)) : i8<0.01>[48, 1, 1, 8]
      %w1 = constant(random(2)) : i8<0.01>[1, 3, 3, 48]
      %w2 = constant(random(3)) : i8<0.01>[8, 1, 1, 48]
      %w3 = constant(random(4)) : i8<0.01>[40, 3, 3, 8]
      %w4 = constant(random(5)) : i8<0.01>[1, 5, 5, 40]
      %w5 = constant(random(6)) : i8<0.01>[8, 1, 1, 40]
      %a = conv2d(%x, %w0) {clamp: [0, 6]} : i8<0.5>[1, 32, 30, 48]
      %b = depthwise_conv2d(%a, %w1) {padding: "same"} : i8<0.5>[1, 32, 30, 48]
      %c = conv2d(%b, %w2) : i8<0.5>[1, 32, 30, 8]
      %d = add(%x, %c) : i8<0.5>[1, 32, 30, 8]
      %e = conv2d(%d, %w3) {padding: "same"} : i8<0.5>[1, 32, 30, 40]
      %f = depthwise_conv2d(%e, %w4) {padding: "same", stride: [2, 2]} : i8<0.5>[1, 16, 15, 40]
      %g = conv2d(%f, %w5) : i8<0.5>[1, 16, 15, 8]
      %p = max_pool2d(%g) {kernel: [3, 3], stride: [1, 1], padding: "same"} : i8<0.5>[1, 16, 15, 8]
      %s = add(%g, %p) : i8<0.5>[1, 16, 15, 8]
      return %s
    }
    """
}
