import ArgumentParser
import Evaluation
import GraphIR
import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support
import Tensors

struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Execute a model on the CPU reference, or compiled on a simulated target.")

  @OptionGroup var model: ModelArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(help: "Compile for this target and execute on its simulator.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(
    help: ArgumentHelp("Execute on the device in this shared library.", valueName: "LIBRARY"))
  var device: String?

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp(
      "The tensor for an input, as .npy file or as .pb file of one ONNX TensorProto; with one input, "
        + "the name may be left out.",
      valueName: "NAME=X.npy"))
  var inputs: [String] = []

  @Option(
    help: ArgumentHelp("Write results as .npy files here, with values.json.", valueName: "DIR"))
  var outputDir: String?

  @Flag(help: "Write every computed value, not only the outputs.")
  var allValues = false

  @Option(help: "Inputs have a leading axis of this many steps.")
  var steps: Int?

  @Option(help: "Seed of the noise for inputs that are not given.")
  var seed: UInt64 = 0

  @Option(name: .customLong("repeat"), help: "Execute this many times more, and print the time.")
  var repetitions: Int?

  @Option(help: "Threads that share the work.")
  var threads = 1

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try variants.requireTarget(target)
    if let steps, steps < 1 { throw ValidationError("--steps takes a positive number") }
    if let repetitions, repetitions < 1 {
      throw ValidationError("--repeat takes a positive number")
    }
    if device != nil, allValues {
      throw ValidationError("--all-values is not for --device: devices give outputs only")
    }
    guard threads >= 1 else { throw ValidationError("--threads takes a positive number") }
  }

  func run() throws {
    let given = try given()
    let (inputs, execution) = try prepare(given)
    let sequence = try InputSequence(inputs, given: given, steps: steps, seed: seed)
    announce(sequence.generated)
    if let repetitions {
      Console.message(
        try Stopwatch.time(repetitions, threads: threads) { _ = try execution.run(sequence[0]) })
    }
    let recorded = try model.locating { try execution.record(sequence) }
    if !quiet { try Console.result(OutputSummary.text(recorded.outputs)) }
    guard let outputDir else { return }
    try ValueFiles.write(allValues ? recorded.values : recorded.outputs, to: outputDir)
  }

  /// What runs the model, and a graph with its inputs.
  private func prepare(
    _ given: [(name: String, tensor: Tensor)]
  ) throws -> (inputs: Graph, any ModelExecution) {
    if let compiled = try model.compiled(pipeline, variants, for: target) {
      return (compiled.inputGraph, try model.locating { try onDevice(compiled) })
    }
    let source = try model.load(for: given, steps: steps, seed: seed)
    let target = try target.map { try Target($0, variants.choice) }
    guard target != nil || device == nil else {
      throw ValidationError("--device runs compiled programs: give a .dvp file, or --target")
    }
    let execution = try model.locating {
      try target.map {
        try onDevice(
          CompiledModel(
            pipeline.optimized(source.graph), from: CompiledModel.Source(source), for: $0,
            variants.chosenObjective))
      }
        ?? Execution.make(
          source.graph, target: nil, pipeline, keepsValues: allValues, threads: threads)
    }
    return (source.graph, execution)
  }

  private func onDevice(_ compiled: CompiledModel) throws -> any ModelExecution {
    let device: any Device =
      try device.map { try DynamicDevice($0) } ?? Simulator(keepsValues: allValues)
    return try DeviceExecution(compiled.program, states: compiled.states, on: device)
  }

  private func given() throws -> [(name: String, tensor: Tensor)] {
    try inputs.map { text in
      guard text.contains("=") else { return ("", try Self.tensor(text)) }
      let (name, path) = try NamedValue.split(text, "--input NAME=X.npy")
      return (name, try Self.tensor(path))
    }
  }

  private static func tensor(_ path: String) throws -> Tensor {
    try path.hasSuffix(".pb") ? Tensor(onnxTensor: path) : NumPyFile.read(path)
  }

  private func announce(_ generated: [String]) {
    guard !quiet, !generated.isEmpty else { return }
    let names = generated.map { "`\(Escaping.terminal($0))`" }.joined(separator: ", ")
    Console.message("note: no data for input \(names): seeded noise is used (--seed \(seed))")
  }
}
