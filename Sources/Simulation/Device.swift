import Evaluation
import Lowering
import Support
import Tensors

/// Something that runs programs: the simulator here, or hardware behind a driver.
public protocol Device {
  /// Makes the device ready to run a program.
  ///
  /// - Throws: a `Diagnostic` if the device cannot run it.
  func load(_ program: Program) throws -> any LoadedProgram
}

/// A program on a device.
public protocol LoadedProgram {
  /// Runs the program on inputs in its order.
  func run(_ inputs: [Tensor]) throws -> Execution
}

/// What a run gave.
public struct Execution: Sendable {
  /// In the order of the program's outputs.
  public let outputs: [Tensor]
  /// The computed values that were asked for, by their position among the program's values.
  public let values: [Int: Tensor]
  /// What the device counted.
  public let counters: DeviceCounters

  /// From the start to the last result, in cycles of the target's clock; nil if the device does not count them.
  public var latencyCycles: Int? { counters.cycles }
}

/// What a device counted in one run; nil for what it does not count.
public struct DeviceCounters: Hashable, Sendable {
  /// From the start to the last result, in cycles of the target's clock.
  public var cycles: Int?
  /// The commands that were executed.
  public var commands: Int?
  /// Bytes that were read from memories other than the buffer, and written to them.
  public var bytesRead: Int?
  /// As `bytesRead`.
  public var bytesWritten: Int?

  /// What is left out is not counted.
  public init(
    cycles: Int? = nil, commands: Int? = nil, bytesRead: Int? = nil, bytesWritten: Int? = nil
  ) {
    self.cycles = cycles
    self.commands = commands
    self.bytesRead = bytesRead
    self.bytesWritten = bytesWritten
  }
}

/// A device that moves real bytes through memories of the target's size, and times the same commands.
public struct Simulator: Device {
  /// Whether all computed values are kept, not only the outputs.
  public let keepsValues: Bool

  /// - Parameter keepsValues: costs a copy of every computed value in each run.
  public init(keepsValues: Bool = false) { self.keepsValues = keepsValues }

  /// Lays out memories, and times the program once for all runs.
  ///
  /// - Throws: a `Diagnostic` if constants are elided, `Diagnostics` if the program is not sound.
  public func load(_ program: Program) throws -> any LoadedProgram {
    guard !program.hasElidedConstants else { throw Diagnostic(.elided) }
    try Diagnostics(program.verify()).throwIfErrors()
    let byteCount = program.memories.reduce(0) { $0 + $1.usedBytes }
    try MemoryLimit.check(byteCount, for: "the memories that the program uses")
    return SimulatedProgram(program, keepsValues: keepsValues)
  }
}

/// A program in the simulator. A class because it owns the machine's memories.
final class SimulatedProgram: LoadedProgram {
  private let program: Program
  /// The same for every run.
  private let counters: DeviceCounters
  private let keepsValues: Bool
  private let machine: Machine
  /// Parts of the order of execution, and the layer that is complete after each.
  private let parts: [(positions: Range<Int>, layer: Int)]

  init(_ program: Program, keepsValues: Bool) {
    self.program = program
    self.keepsValues = keepsValues
    let timeline = Timeline(of: program)
    counters = DeviceCounters(
      cycles: timeline.latencyCycles, commands: program.commands.count,
      bytesRead: timeline.layers.reduce(0) { $0 + $1.readBytes.reduce(0, +) },
      bytesWritten: timeline.layers.reduce(0) { $0 + $1.writtenBytes.reduce(0, +) })
    // By the time at which they start: without a dependency, data would not be there yet. But a value may be partly
    // overwritten before it is complete, once those parts were read: whoever wants all of it gets the order of the
    // program, in which layers that do not take turns follow each other. Of sound programs, results are the same.
    let byTime = program.commands.indices.sorted {
      (timeline.starts[$0], $0) < (timeline.starts[$1], $1)
    }
    let order = keepsValues ? Array(program.commands.indices) : byTime
    machine = Machine(program, order: order)
    parts = Self.parts(of: program, order)
  }

  private static func parts(
    of program: Program, _ order: [Int]
  ) -> [(positions: Range<Int>, layer: Int)] {
    var left = program.commands.reduce(into: Array(repeating: 0, count: program.layers.count)) {
      $0[$1.layer] += 1
    }
    var parts: [(positions: Range<Int>, layer: Int)] = []
    for (position, command) in order.enumerated() {
      let layer = program.commands[command].layer
      left[layer] -= 1
      guard left[layer] == 0 else { continue }
      parts.append(((parts.last?.positions.upperBound ?? 0)..<position + 1, layer))
    }
    return parts
  }

  func run(_ inputs: [Tensor]) throws -> Execution {
    precondition(inputs.count == program.inputs.count, "each input of the program has a tensor")
    for (binding, tensor) in zip(program.inputs, inputs) {
      machine.bytes(binding.span).copyMemory(from: tensor.data.bytes)
    }
    var values: [Int: Tensor] = [:]
    // An input may be a value in another shape, and its memory may be used again.
    if keepsValues { keep(nil, &values) }
    for part in parts {
      try machine.execute(part.positions)
      if keepsValues { keep(part.layer, &values) }
    }
    return Execution(
      outputs: program.outputs.map(tensor), values: values,
      counters: counters)
  }

  /// Copies the values that a layer computed before their memory is used again; those without a layer are there
  /// from the start.
  private func keep(_ layer: Int?, _ values: inout [Int: Tensor]) {
    for (position, binding) in program.values.enumerated() where binding.layer == layer {
      values[position] = tensor(binding)
    }
  }

  private func tensor(_ binding: Program.Binding) -> Tensor {
    let bytes = machine.bytes(binding.span)
    return Tensor(
      binding.type,
      TensorData(byteCount: bytes.count) { $0.copyMemory(from: UnsafeRawBufferPointer(bytes)) })
  }
}

extension Diagnostic.Message {
  fileprivate static var elided: Self {
    Self(
      id: "elided-program", .unsupported,
      "the program was made without its constants, and cannot be run")
  }
}
