import ArgumentParser
import Evaluation
import GraphIR
import Passes
import Quantization
import Reporting
import Support

struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Store a network's numbers in fewer bits, by what it computes on sample data.",
    discussion: """
      Schemes: \(listed(QuantizationScheme.named.map { ($0.name, $0.summary) }))
      Methods: \(listed(QuantizationMethod.all.map { ($0.name, $0.summary) }))
      The file's name says what is written: .onnx with QuantizeLinear and DequantizeLinear, .tflite on integers, .graph, or
      .yaml, which is a plan alone.
      A plan gives each layer a scheme. It is written, edited by hand, and given back:
        dovetail quantize net.onnx --calibration x.npy --mixed --target ethos-u55-256 --max-drop 0.3 -o plan.yaml
        dovetail quantize net.onnx --calibration x.npy --plan plan.yaml -o net.tflite
      It reads `scheme: int8` and, line by line under `layers:`, `- "block1/*": int16x8`.
      """)

  @OptionGroup var model: ModelArguments
  @OptionGroup var samples: CalibrationArguments
  @OptionGroup var choices: SchemeArguments
  @OptionGroup var mixed: MixedArguments

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where to write the model, or the plan.", valueName: "FILE"))
  var output: String

  @Flag(help: "Let inputs and outputs of a .tflite file be integers too.")
  var integerPorts = false

  @Option(help: "Threads that share the work.")
  var threads = 1

  @Option(
    help: ArgumentHelp("Write the report as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Leave out the report of the error of each layer.")
  var noReport = false

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  private static func listed(_ items: [(name: String, summary: String)]) -> String {
    items.map { "`\($0.name)`, \($0.summary)" }.joined(separator: "; ") + "."
  }

  func validate() throws {
    guard threads >= 1 else { throw ValidationError("--threads takes a positive number") }
    try choices.check(mixed)
    let file = try QuantizedFile(output)
    if integerPorts, file.format != .tflite {
      throw ValidationError("`--integer-ports` is for .tflite files, which `\(output)` is not")
    }
    guard json != nil else { return }
    if file.format == nil { throw ValidationError("a plan has no report: leave out `--json`") }
    if noReport {
      throw ValidationError("`--json` writes the report that `--no-report` leaves out")
    }
  }

  func run() throws {
    let file = try QuantizedFile(output)
    try file.check(choices.schemes(mixed))
    let source = try model.load()
    for path in [output, json] { if let path, path != "-" { try FileBytes.checkWritable(path) } }
    let work = try QuantizationWork(self, source)
    if work.samples.isNoise, !quiet {
      Console.message(
        "warning: calibrating with seeded noise, of which no good ranges can be learned; "
          + "give real samples with --calibration")
    }
    let chosen = try mixed.isAsked ? work.mixedPlan(mixed) : nil
    let plan = chosen?.choice.plan ?? work.plan
    guard file.format != nil else {
      try Console.write(chosen?.text(file: source.name) ?? plan.text(), to: output)
      return try tell((chosen.map { [$0.summary] } ?? []) + NextSteps(self).afterPlan)
    }
    try write(work.quantized(plan), of: work, chosen, to: file)
  }

  /// Writes the model, and says what became of it.
  private func write(
    _ quantized: QuantizedModel, of work: QuantizationWork, _ chosen: ChosenPlan?,
    to file: QuantizedFile
  ) throws {
    if !quiet { file.warnings(of: quantized).forEach(Console.message) }
    let bytes = try file.bytes(of: quantized, hasIntegerPorts: integerPorts)
    try FileBytes.write(bytes, to: output)
    let report =
      noReport || quiet && json == nil
      ? nil : try work.report(on: quantized, chosen?.choice.plan ?? work.plan)
    if let json, let report { try Console.write(JSONText.encode(report), to: json) }
    if let report, !quiet, json != "-" {
      try Console.result(report.text(width: Console.width) + "\n")
    }
    try tell(
      (chosen.map { [$0.summary] } ?? [])
        + NextSteps(self).after(bytes.count, report, isNoise: work.samples.isNoise))
  }

  private func tell(_ lines: [String]) throws {
    guard !quiet, json != "-" else { return }
    try Console.result(lines.joined(separator: "\n") + "\n")
  }
}

/// The samples that ranges are learned from.
struct CalibrationArguments: ParsableArguments {
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Samples of what the network will see: an .npy or .npz file with these along the first axis, or a folder of "
        + "images; of several inputs one for each, with its name. Without it, seeded noise.",
      valueName: "DATA"))
  var calibration: [String] = []

  @OptionGroup var preparation: PreparationArguments

  /// The samples for a network with the inputs of `graph`.
  func load(for graph: Graph) throws -> Samples {
    try preparation.samples(of: calibration, for: graph)
  }
}

/// How numbers are stored.
struct SchemeArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What numbers are stored as. (default: int8)", valueName: "NAME[,CHANGE]…"))
  var scheme: String?

  @Option(help: ArgumentHelp("A plan with a scheme for each layer.", valueName: "FILE.yaml"))
  var plan: String?

  @Option(
    help: ArgumentHelp("Leave a layer as it is; `*` stands for anything.", valueName: "LAYER"))
  var keepFloat: [String] = []

  @Option(
    help: ArgumentHelp(
      "Another scheme for the layers, or operators, of a name.", valueName: "PATTERN=SCHEME"))
  var schemeFor: [String] = []

  @Option(
    help: ArgumentHelp(
      "How ranges are chosen: `expected`, which is `min-max` with room in inputs for samples to come, `min-max`, "
        + "`moving-average:W`, `percentile:P`, `mse`, `entropy`.",
      valueName: "METHOD"))
  var ranges = "expected"

  @Option(help: "How scales of weights are chosen: `none` clips nothing.")
  var weightClipping = WeightClipping.none

  @Option(
    name: .customLong("method"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "A method that recovers accuracy; several are applied in a fixed order. Without it `clip-ranges` and "
        + "`gptq`, where weights and activations are integers and there are four samples at least that are no "
        + "noise; `none` rounds each weight to the nearest."
    ))
  var methods: [String] = []

  /// - Throws: a `ValidationError` if one scheme is asked for where a plan or a choice decides.
  func check(_ mixed: MixedArguments) throws {
    guard scheme != nil else { return }
    if plan != nil {
      throw ValidationError("a plan has a scheme of its own: leave out `--scheme` or `--plan`")
    }
    if mixed.isAsked {
      throw ValidationError(
        "`--mixed` chooses a scheme for each layer: give `--candidates` in place of `--scheme`")
    }
  }

  /// All schemes that a layer may get.
  func schemes(_ mixed: MixedArguments) throws -> [QuantizationScheme] {
    let plan = try parsedPlan()
    let uniform =
      mixed.isAsked ? try mixed.candidates.map { try QuantizationScheme($0) } : [plan.scheme]
    return uniform + plan.rules.map(\.scheme)
  }

  /// The methods that these options ask for; nil if they say nothing.
  func namedMethods() throws -> [QuantizationMethod]? {
    if methods.isEmpty { return nil }
    return methods == ["none"] ? [] : try methods.map(QuantizationMethod.named)
  }

  /// The plan that these options describe: rules of the command line come after those of a file, and so before them in rank.
  func parsedPlan() throws -> QuantizationPlan {
    var result = try QuantizationPlan(QuantizationScheme(scheme ?? "int8"))
    if let plan {
      result = try locating(in: Diagnostic.Place(file: plan)) {
        try QuantizationPlan(parsing: FileBytes.text(of: plan))
      }
    }
    for text in schemeFor {
      let (pattern, scheme) = try NamedValue.split(text, "--scheme-for PATTERN=SCHEME")
      result.rules.append(.init(pattern, try QuantizationScheme(scheme)))
    }
    result.rules += keepFloat.map { .init($0, .float) }
    return result
  }
}

extension WeightClipping: ExpressibleByArgument {}
