import GraphIR
import Hardware
import Lowering
import Operators
import Simulation
import Support
import TestSupport
import Tensors
import Testing

/// Constants are prepared once, and yet count as they are in memory.
struct MachineTests {
  @Test func sameBytesArePreparedOnce() {
    let bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeBytes { bytes in
      let copy = PreparedConstant(bytes, mayChange: false) { CopiedBytes($0) }
      #expect(!copy.isCurrent)
      copy.prepare()
      #expect(copy.isCurrent)
    }
  }

  @Test func overwrittenBytesArePreparedAnew() {
    var bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeMutableBytes { bytes in
      let copy = PreparedConstant(UnsafeRawBufferPointer(bytes), mayChange: true) {
        CopiedBytes($0)
      }
      copy.prepare()
      bytes[2] = 4
      #expect(!copy.isCurrent)
      copy.prepare()
      #expect(copy.isCurrent)
      bytes[2] = 3
      #expect(!copy.isCurrent)
    }
  }

  /// A form of bytes that is no other.
  private final class CopiedBytes: KernelForm {
    private let bytes: UnsafeMutableRawBufferPointer

    init(_ source: UnsafeRawBufferPointer) {
      bytes = .allocate(byteCount: source.count, alignment: 1)
      bytes.copyMemory(from: source)
    }

    deinit { bytes.deallocate() }

    var address: UnsafeRawPointer { UnsafeRawPointer(bytes.baseAddress!) }
  }

  /// A machine that has computed with weights and parameters, and one that never saw them, compute alike with others.
  @Test(arguments: ["conv2d", "depthwise_conv2d"])
  func overwrittenWeightsCount(kind: String) throws {
    let program = try Self.program(kind)
    let (used, fresh) = (Self.machine(program), Self.machine(program))
    try Self.run(used, program) { _ in true }
    let before = Self.result(of: used, program)
    for machine in [used, fresh] {
      try Self.run(machine, program) { if case .copy = $0 { true } else { false } }
      Self.reverseConstants(machine, program)
      try Self.run(machine, program) { if case .copy = $0 { false } else { true } }
    }
    let after = Self.result(of: used, program)
    #expect(after == Self.result(of: fresh, program) && after != before)
  }

  private static func program(_ kind: String) throws -> Program {
    let leading = kind == "conv2d" ? 16 : 1
    let text = """
      graph g(%x: i8<0.05>[1, 8, 8, 16]) {
        %w = constant(random(1)) : i8<0.01>[\(leading), 3, 3, 16]
        %y = \(kind)(%x, %w) {padding: "same"} : i8<0.05>[1, 8, 8, 16]
        return %y
      }
      """
    return try Program(
      lowering: GraphParser(text, operators: Operators.all).graph,
      to: Target(TargetVariant.path(of: "ethos-u55-128")).description)
  }

  private static func machine(_ program: Program) -> Machine {
    Machine(program, order: Array(program.commands.indices))
  }

  /// Executes the commands that are chosen, on the same input each time.
  private static func run(_ machine: Machine, _ program: Program, _ isChosen: (Action) -> Bool)
    throws
  {
    let input = program.inputs[0]
    let tensor = Tensor.random(input.type, seed: 2)
    withExtendedLifetime(tensor) {
      machine.bytes(input.span).copyMemory(from: tensor.data.bytes)
    }
    for (index, command) in program.commands.enumerated() where isChosen(command.action) {
      try machine.execute(index..<index + 1)
    }
  }

  private static func result(of machine: Machine, _ program: Program) -> [UInt8] {
    // The bytes are the machine's own.
    withExtendedLifetime(machine) { Array(machine.bytes(program.outputs[0].span)) }
  }

  private static func reverseConstants(_ machine: Machine, _ program: Program) {
    let weights = program.commands.compactMap { command in
      if case .convolve(let convolve) = command.action { convolve.weights } else { nil as Span? }
    }
    withExtendedLifetime(machine) {
      for span in Set(weights) {
        var bytes = machine.bytes(span)
        bytes.reverse()
      }
    }
  }
}
