import ArgumentParser
import Evaluation
import GraphIR
import Hardware
import Lowering
import Reporting
import Simulation
import Support

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a model's accuracy on labelled data, or how near it is to another model.",
    discussion: """
      Metrics: \(Metric.all.map { "`\($0.name)`, \($0.summary)" }.joined(separator: "; ")).
      """)

  @OptionGroup var model: ModelArguments
  @OptionGroup var pipeline: PipelineArguments
  @OptionGroup var samples: SampleArguments

  @Option(
    help: ArgumentHelp(
      "What is known of each sample, along the first axis; of folders of images, their names tell.",
      valueName: "Y.npy"))
  var labels: String?

  @OptionGroup var measure: MeasureArguments

  @Option(help: "Compile for this target and execute on its simulator.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(
    help: ArgumentHelp(
      "Run another model on the same samples, usually the float original.", valueName: "OTHER"))
  var against: String?

  @Option(
    help: ArgumentHelp(
      "The samples as the other model takes them, where its inputs differ.",
      valueName: "NAME=X.npy"))
  var againstData: [String] = []

  @Flag(help: "Compare with the other model layer by layer.")
  var layers = false

  @Option(help: "Threads that share the samples.")
  var threads = 1

  @Option(
    help: ArgumentHelp("Write the result as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws {
    try variants.requireTarget(target)
    guard threads >= 1 else { throw ValidationError("--threads takes a positive number") }
    guard against == nil else { return }
    if let option = [("--layers", layers), ("--max-drop", measure.maxDrop != nil)].first(where: \.1)
    {
      throw ValidationError("`\(option.0)` compares with another model: add `--against`")
    }
  }

  func run() throws {
    let judged = try EvaluatedModel(model, pipeline, variants, target)
    let other = try against.map { try EvaluatedModel($0, pipeline, beside: judged) }
    if layers, judged.graph == nil || other?.graph == nil {
      throw ValidationError("`--layers` needs models: a compiled program has no graph")
    }
    let evaluation = try ModelEvaluation(self, judged, other)
    var report = try evaluation.report(threads: threads, progress)
    if layers || json != nil {
      report.layerAccuracy = try evaluation.layers(threads: threads, progress)
    }
    if let json { try Console.write(JSONText.encode(report), to: json) }
    if !layers { report.layerAccuracy = nil }
    if !quiet, json != "-" { try Console.result(EvaluationText(report, width: Console.width).text) }
    try Diagnostics(measure.limits.breaches(report)).throwIfErrors()
  }

  private func progress(_ title: String, _ total: Int) -> ProgressLine {
    ProgressLine(title, total: total, on: quiet ? nil : .terminal)
  }
}

/// What is measured, and what it must reach.
struct MeasureArguments: ParsableArguments {
  @Option(help: "What to measure; without labels `sqnr`, else `top1`.")
  var metric: Metric?

  @Option(help: ArgumentHelp("Which output to measure; by default the first.", valueName: "NAME"))
  var output: String?

  @Option(help: "Above which a score means that something is there, for `binary` and class maps.")
  var threshold = 0.0

  @Option(
    help: ArgumentHelp("End with status 1 if the figure is lower: percent, or dB.", valueName: "P"))
  var minimum: Double?

  @Option(
    help: ArgumentHelp(
      "End with status 1 if the figure is lower than the other model's by more points.",
      valueName: "P"))
  var maxDrop: Double?

  func validate() throws {
    try NumericOption.check(threshold, "--threshold")
    try NumericOption.check(minimum, "--minimum")
    try NumericOption.check(maxDrop, "--max-drop", atLeast: 0)
  }

  var limits: EvaluationLimits { EvaluationLimits(minimum: minimum, maximumDrop: maxDrop) }

  /// The metric that is meant.
  func chosen(hasLabels: Bool, hasOther: Bool) throws -> Metric {
    let metric = metric ?? (hasLabels || !hasOther ? .top1 : .sqnr)
    switch metric.reference {
    case .labels where !hasLabels: throw ValidationError("`\(metric.name)` needs `--labels`")
    case .otherModel where !hasOther: throw ValidationError("`\(metric.name)` needs `--against`")
    case .labels, .otherModel: break
    }
    let isShare = [.hits, .share].contains(metric.unit) && metric.reference == .labels
    if maxDrop != nil, !isShare {
      throw ValidationError("`--max-drop` is for accuracies, which `\(metric.name)` is not")
    }
    if minimum != nil, metric.unit == .error {
      throw ValidationError("`--minimum` is not for `\(metric.name)`, of which less is better")
    }
    return metric
  }
}

extension Metric: ExpressibleByArgument {
  /// By its name.
  public init?(argument: String) {
    guard let metric = Metric.named(argument) else { return nil }
    self = metric
  }

  /// All names, for help and completion.
  public static var allValueStrings: [String] { all.map(\.name) }
}

/// Makes what runs a model: the CPU reference, or a target's simulator.
enum Execution {
  static func make(
    _ graph: Graph, target: Target?, _ pipeline: PipelineArguments,
    _ objective: Objective = .latency, keepsValues: Bool = false, threads: Int
  ) throws -> any ModelExecution {
    // Passes remove values; whoever wants to see all of them gets the graph as it was read.
    let graph = target == nil && keepsValues ? graph : try pipeline.optimized(graph)
    guard let target else {
      return try ReferenceExecution(graph, keepsValues: keepsValues, threads: threads)
    }
    let program = try Program(lowering: graph, to: target, for: objective)
    return try DeviceExecution(program, of: graph, keepsValues: keepsValues)
  }
}
