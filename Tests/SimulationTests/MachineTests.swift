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
    var count = 0
    bytes.withUnsafeBytes { bytes in
      let sum = PreparedConstant(bytes, mayChange: false) { bytes in
        count += 1
        return bytes.reduce(0) { $0 + Int($1) }
      }
      #expect([sum.current, sum.current] == [6, 6])
    }
    #expect(count == 1)
  }

  @Test func overwrittenBytesArePreparedAnew() {
    var bytes: [UInt8] = [1, 2, 3]
    bytes.withUnsafeMutableBytes { bytes in
      let copy = PreparedConstant(UnsafeRawBufferPointer(bytes), mayChange: true) { Array($0) }
      #expect(copy.current == [1, 2, 3])
      bytes[2] = 4
      #expect(copy.current == [1, 2, 4])
      bytes[2] = 3
      #expect(copy.current == [1, 2, 3])
    }
  }

  /// A machine that has computed with weights and parameters, and one that never saw them, compute alike with others.
  @Test(arguments: ["conv2d", "depthwise_conv2d"])
  func overwrittenWeightsCount(kind: String) throws {
    let program = try Self.program(kind)
    let (used, fresh) = (Machine(program), Machine(program))
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
      try machine.execute(index)
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
