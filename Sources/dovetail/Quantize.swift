import ArgumentParser
import Evaluation
import Exporting
import GraphIR
import Importing
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
    _ = try QuantizedFile(output)
    try mixed.check()
  }

  func run() throws {
    let file = try QuantizedFile(output)
    let source = try model.load()
    let work = try QuantizationWork(self, source)
    if work.samples.isNoise, !quiet {
      Console.message(
        "warning: calibrating with seeded noise, of which no good ranges can be learned; "
          + "give real samples with --calibration")
    }
    let plan = try mixed.isAsked ? work.mixedPlan(mixed) : nil
    let text = plan?.text(file: source.name) ?? work.plan.text()
    guard file.format != nil else { return try Console.write(text, to: output) }
    let quantized = try work.quantized(plan?.choice.plan ?? work.plan)
    try FileBytes.write(
      file.bytes(of: quantized, hasIntegerPorts: integerPorts), to: output)
    guard !noReport, !quiet || json != nil else { return }
    let report = try work.report(on: quantized)
    if let json { try Console.write(JSONText.encode(report), to: json) }
    if !quiet, json != "-" { Console.result(report.text(width: Console.width)) }
  }
}

/// What a quantized network is written as.
struct QuantizedFile {
  /// Nil for a plan.
  let format: ModelFormat?

  /// - Throws: a usage error if the name's ending says nothing.
  init(_ path: String) throws {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    format = ModelFormat(rawValue: ending)
    guard format != nil || ["yaml", "yml"].contains(ending) else {
      throw ValidationError("`\(path)` ends in none of .onnx, .tflite, .graph and .yaml")
    }
  }

  /// The file's bytes.
  func bytes(of model: QuantizedModel, hasIntegerPorts: Bool) throws -> [UInt8] {
    switch format {
    case .onnx: try model.quantizedGraph().onnxFile()
    case .tflite:
      try TFLiteExporter.file(
        of: model.integerGraph(hasIntegerPorts: hasIntegerPorts),
        TFLiteExporter.Options(packsWeights: true))
    case .graph, nil: Array(try model.quantizedGraph().text(constants: .full).utf8)
    }
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

  @Option(
    name: .customLong("samples"),
    help: ArgumentHelp(
      "Use only the first of them; without data, so many of noise.", valueName: "N"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "What becomes of numbers and images before the network reads them.",
      valueName: "resize=bilinear,mean=127,scale=128"))
  var preprocess = ""

  @Option(help: "Seed of the noise that is used where no data are given.")
  var seed: UInt64 = 0

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--samples takes a positive number") }
  }

  /// The samples for a network with the inputs of `graph`.
  func load(for graph: Graph) throws -> Samples {
    try SampleArguments.samples(
      calibration, limit: limit, preprocess: preprocess, seed: seed, for: graph)
  }
}

/// How numbers are stored.
struct SchemeArguments: ParsableArguments {
  @Option(help: ArgumentHelp("What numbers are stored as.", valueName: "NAME[,CHANGE]…"))
  var scheme = "int8"

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
      "How ranges are chosen: `min-max`, `moving-average:W`, `percentile:P`, `mse`, `entropy`.",
      valueName: "METHOD"))
  var ranges = "min-max"

  @Option(help: "How scales of weights are chosen: `none` clips nothing.")
  var weightClipping = WeightClipping.none

  @Option(
    name: .customLong("method"), parsing: .upToNextOption,
    help: ArgumentHelp("A method that recovers accuracy; several are applied in a fixed order."))
  var methods: [String] = []

  /// The plan that these options describe: rules of the command line come after those of a file, and so before them in rank.
  func parsedPlan() throws -> QuantizationPlan {
    var result = try QuantizationPlan(QuantizationScheme(scheme))
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
