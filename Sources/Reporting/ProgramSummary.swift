import Lowering
import Support

/// What is in a program file: the result of `dovetail inspect` for one.
public struct ProgramSummary: Encodable, Sendable {
  /// By which readers of the JSON know its form.
  public let schema = "dovetail.program-summary/1"
  /// The file's name, with its ending.
  public let name: String
  /// The model file of which the program was made.
  public let model: Profile.ModelReference
  /// The target for which it was made.
  public let target: Profile.TargetReference
  /// In the model's order, without states.
  public let inputs: [ModelSummary.Port]
  /// As `inputs`.
  public let outputs: [ModelSummary.Port]
  /// How many states one run hands on to the next.
  public let states: Int
  /// The target's memories, and last the buffer inside the NPU.
  public let memories: [Memory]
  /// The number of layers, by the name of their engine in reports.
  public let layers: [String: Int]
  /// The number of commands by kind.
  public let commands: [String: Int]
  /// The bytes of constants as they lie in memory.
  public let constantBytes: Int
  /// Multiply-accumulates of one run.
  public let macs: Int
  /// Whether there are constants, without which the program can only be timed.
  public let canRun: Bool

  /// A memory of the target, as far as the program uses it.
  public struct Memory: Encodable, Hashable, Sendable {
    /// As the target file gives it.
    public let name: String
    /// Its size.
    public let bytes: Int
    /// The end of the highest byte that the program uses.
    public let usedBytes: Int
  }

  /// - Parameter path: of the file, whose name is shown.
  public init(_ compiled: CompiledModel, path: String) {
    let program = compiled.program
    name = path.split(separator: "/").last.map(String.init) ?? path
    let source = compiled.source
    model = Profile.ModelReference(
      name: source.name, format: source.format, sha256: source.sha256)
    target = Profile.TargetReference(compiled.target)
    inputs = compiled.inputs.map { ModelSummary.Port($0.name, $0.type) }
    outputs = compiled.outputs.map { ModelSummary.Port($0.name, $0.type) }
    states = compiled.states.count
    memories = program.memories.map {
      Memory(name: $0.name, bytes: $0.byteCount, usedBytes: $0.usedBytes)
    }
    layers = program.layers.reduce(into: [:]) { $0[$1.engine.reportName, default: 0] += 1 }
    commands = program.commands.reduce(into: [:]) {
      $0[$1.action.reportName.description, default: 0] += 1
    }
    constantBytes = program.imageByteCount
    macs = program.layers.reduce(0) { $0 + $1.work.macs }
    canRun = !program.hasElidedConstants
  }
}

extension ProgramSummary {
  /// For the terminal.
  public var text: String {
    var lines = [
      Escaping.terminal(name),
      "  model   \(Escaping.terminal(model.name)) (\(model.format), \(model.sha256.prefix(12)))",
    ]
    lines.append("  target  \(Escaping.terminal(target.name)) (\(target.sha256.prefix(12)))")
    lines += inputs.map { "  input   \($0.text)" } + outputs.map { "  output  \($0.text)" }
    if states > 0 { lines.append("  states  \(states)") }
    lines += memories.map {
      "  memory  \(Escaping.terminal($0.name)): \(Figures.bytes($0.usedBytes)) of \(Figures.bytes($0.bytes))"
    }
    lines.append("  weights \(canRun ? Figures.bytes(constantBytes) : "left out")")
    lines.append("  work    \(Figures.scaled(macs)) MACs")
    lines.append("  layers  \(Self.list(layers))")
    lines.append("  commands  \(Self.list(commands))")
    return lines.joined(separator: "\n") + "\n"
  }

  private static func list(_ counts: [String: Int]) -> String {
    let sorted = counts.sorted { $0.key < $1.key }
    return sorted.isEmpty ? "none" : sorted.map { "\($1) \($0)" }.joined(separator: ", ")
  }
}

extension Action {
  /// The name in reports, as in the text form; literal, so that traces can write it as bytes.
  var reportName: StaticString {
    switch self {
    case .copy: "copy"
    case .load: "load"
    case .convolve: "convolve"
    case .rescale: "rescale"
    case .pool: "pool"
    case .add: "add"
    case .softmax: "softmax"
    case .callHost: "call"
    }
  }
}
