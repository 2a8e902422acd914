import GraphIR
import Hardware
import ProgramSchema
import Support
import Tensors

/// A program with what running, timing and reporting need besides: what a program file holds.
public struct CompiledModel: Sendable {
  /// What the target is to do.
  public let program: Program
  /// The model file of which it was made.
  public let source: Source
  /// The target for which it was made, as its file describes it.
  public let target: Target
  /// What the first run finds in the states of the model, which are the last inputs and outputs of the program; nil
  /// where that is elided.
  public let states: [TensorData?]

  /// A model file, by name and by content.
  public struct Source: Hashable, Sendable {
    /// The file's name without folder and extension.
    public let name: String
    /// `tflite`, `onnx` or `graph`.
    public let format: String
    /// Of the file, as 64 hexadecimal digits.
    public let sha256: String

    /// Nothing is checked; reports show what is given here.
    public init(name: String, format: String, sha256: String) {
      self.name = name
      self.format = format
      self.sha256 = sha256
    }
  }

  init(program: Program, source: Source, target: Target, states: [TensorData?]) {
    self.program = program
    self.source = source
    self.target = target
    self.states = states
  }

  /// Lowers a graph to a target, and verifies the program.
  ///
  /// - Parameters:
  ///   - graph: as the passes left it.
  ///   - objective: what the program is to have least of.
  ///   - purpose: what the program is made for; one that is only timed is not stored.
  ///   - encodings: what is known of the graph's weights, to which this adds.
  /// - Throws: `Diagnostics` if the target cannot hold it.
  public init(
    _ graph: Graph, from source: Source, for target: Target, _ objective: Objective = .latency,
    _ purpose: Program.Purpose = .execution, sharing encodings: KnownEncodings = KnownEncodings()
  ) throws {
    let program = try Program(
      lowering: graph, to: target, for: objective, purpose, sharing: encodings)
    try Diagnostics(program.verify()).throwIfErrors()
    self.init(
      program: program, source: source, target: target, states: graph.states.map(\.initial))
  }

  /// The program's inputs that a run is given: those before the states.
  public var inputs: ArraySlice<Program.Binding> {
    program.inputs.dropLast(states.count)
  }

  /// The program's outputs that a run gives: those before the states.
  public var outputs: ArraySlice<Program.Binding> {
    program.outputs.dropLast(states.count)
  }

  /// A graph that has the inputs alone, in their order: to bind tensors to them.
  public var inputGraph: Graph {
    var graph = Graph(name: program.name)
    for input in inputs { graph.addInput(input.name, input.type) }
    return graph
  }

  /// Whether a file says that it holds a program, by the ending of its name or by its first bytes.
  public static func isProgram(_ path: String) -> Bool {
    if path.lowercased().hasSuffix(".dvp") { return true }
    guard let file = try? FileBytes(mapping: path) else { return false }
    return withExtendedLifetime(file) {
      dvp_is_program(
        file.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), file.bytes.count)
    }
  }
}
