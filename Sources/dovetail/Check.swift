import ArgumentParser
import Foundation
import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Reporting
import Simulation
import Support
import Tensors

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare what models cost with accepted figures and budgets, as a gate for CI.",
    discussion: """
      Exits with status 1 if a figure is worse than the baseline allows. Networks come from a suite file, or are one \
      model and a target. --update accepts the figures as they are now: review the difference of the baseline's file.
      """)

  @Argument(help: "A model, in place of a suite.", completion: .file())
  var model: String?

  @Option(help: "The target of that model.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(
    help: "By which the baseline knows the model; by default its file's name, or the only one.")
  var name: String?

  @OptionGroup var shapes: ShapeArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(help: ArgumentHelp("The accepted figures.", valueName: "FILE.json"))
  var baseline: String

  @Option(help: ArgumentHelp("The networks and targets to check.", valueName: "FILE.yaml"))
  var suite: String?

  @Flag(help: "Write the figures of now to the baseline.")
  var update = false

  @OptionGroup var reports: CheckReportArguments
  @OptionGroup var cache: CacheArguments

  @Option(help: "Networks measured at a time; by default as many as there are processors.")
  var jobs: Int?

  func validate() throws {
    guard (suite == nil) != (model == nil) else {
      throw ValidationError("give either --suite, or a model with --target")
    }
    guard (model == nil) == (target == nil) else {
      throw ValidationError("a model needs --target, and a suite names its own")
    }
    try variants.requireTarget(target)
    guard model != nil || name == nil else {
      throw ValidationError("--name is for a single model; a suite names its own")
    }
    guard jobs ?? 1 >= 1 else { throw ValidationError("--jobs must be at least 1") }
    guard suite == nil || (shapes.shapes.isEmpty && pipeline.disable.isEmpty) else {
      throw ValidationError("--shape and --disable belong into the suite's file")
    }
    try PipelineArguments.check(pipeline.disable)
    guard !pipeline.approximate else {
      throw ValidationError(
        "figures are those of the standard pipeline: --approximate has no part in them")
    }
  }

  func run() throws {
    let accepted = try acceptedFigures()
    let suite = try networks(accepted)
    try suite.entries.forEach { try PipelineArguments.check($0.disabledPasses) }
    let cache = cache.cache
    let options = Pipeline.Options(verifiesEach: pipeline.verifyEach)
    let run = CheckRun(cache: cache, tool: try ToolDigest.current(cache)) { entry, target in
      try Self.measure(entry, target, options)
    }
    let measured = run.measured(
      suite.entries, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount,
      progress: ProgressLine("checking", total: suite.entries.count, on: .terminal))
    let isWhole = self.suite != nil
    let report = CheckReport(
      measured, accepted, suite.tolerance, isUpdate: update, isWhole: isWhole)
    if update {
      let updated = accepted.updated(measured, isWhole: isWhole)
      try Console.write(updated.text, to: baseline)
    }
    try reports.write(report, baseline: baseline)
    try finish(report)
  }

  private func networks(_ accepted: Baseline) throws -> Suite {
    if let suite { return try Suite(reading: suite) }
    func entry(_ name: String?) throws -> Suite.Entry {
      Suite.Entry(
        model: model ?? "", target: target ?? "", choice: variants.choice, name: name,
        shapes: try shapes.parsed(), disabledPasses: pipeline.disable,
        objective: variants.chosenObjective)
    }
    let own = try entry(name)
    guard name == nil, !update, accepted.networks[own.key] == nil,
      let only = accepted.onlyNetwork(on: own.targetName)
    else { return Suite(own) }
    return Suite(try entry(only))
  }

  /// An update may be the first.
  private func acceptedFigures() throws -> Baseline {
    if update, !FileManager.default.fileExists(atPath: baseline) { return Baseline() }
    return try Baseline(reading: baseline)
  }

  /// What could not be measured weighs more than what is worse.
  private func finish(_ report: CheckReport) throws {
    try Diagnostics(report.diagnostics).throwIfErrors()
    if report.hasBreaches { throw ExitCode(Diagnostic.Cause.checkFailed.rawValue) }
  }

  private static func measure(
    _ entry: Suite.Entry, _ target: Target, _ options: Pipeline.Options
  ) throws -> NetworkFacts {
    let model = try Model(entry.model, Model.Options(shapes: entry.shapes))
    return try locating(in: Diagnostic.Place(file: entry.model)) {
      var graph = model.graph
      try Pipeline.standard.without(entry.disabledPasses).run(on: &graph, options)
      let program = try Program(lowering: graph, to: target, for: entry.objective)
      try Diagnostics(program.verify()).throwIfErrors()
      let profile = Profile(model, target, program, Timeline(of: program))
      return NetworkFacts(
        profile, program, accuracy: try accuracy(entry, model.graph, program, graph))
    }
  }

  /// On the simulated NPU, whose results are what a user of the target gets.
  private static func accuracy(
    _ entry: Suite.Entry, _ graph: Graph, _ program: Program, _ lowered: Graph
  ) throws -> Accuracy? {
    guard let samples = entry.samples else { return nil }
    return try Accuracy(
      of: DeviceExecution(program, of: lowered), graph, data: NumPyFile.read(samples.data),
      labels: NumPyFile.read(samples.labels))
  }
}

/// The forms in which a check is reported, beside the text for the terminal.
struct CheckReportArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Write the result as JUnit's XML.", valueName: "FILE"))
  var junit: String?

  @Option(help: ArgumentHelp("Write the result as SARIF 2.1.0.", valueName: "FILE"))
  var sarif: String?

  @Option(help: ArgumentHelp("Write the result as Markdown.", valueName: "FILE"))
  var markdown: String?

  @Flag(
    help: "Print annotations for GitHub Actions, and add the Markdown to $GITHUB_STEP_SUMMARY.")
  var github = false

  func write(_ report: CheckReport, baseline: String) throws {
    let markdown = CheckMarkdown.text(report)
    if let junit { try Console.write(JUnit.text(report), to: junit) }
    if let sarif { try Console.write(SARIF.text(report), to: sarif) }
    if let path = self.markdown { try Console.write(markdown, to: path) }
    if ![junit, sarif, self.markdown].contains("-") { try Console.result(CheckText.text(report)) }
    guard github else { return }
    try Console.result(Annotations.text(report, file: baseline))
    if let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty {
      let before = (try? FileBytes.text(of: path)) ?? ""
      try Console.write(before + markdown, to: path)
    }
  }
}

/// Where facts of earlier runs are kept.
struct CacheArguments: ParsableArguments {
  @Option(
    name: .customLong("cache"),
    help: ArgumentHelp(
      "Where to keep what was measured; by default in the user's cache folder.", valueName: "DIR"))
  var folder: String?

  @Flag(name: .customLong("no-cache"), help: "Measure everything anew.")
  var isDisabled = false

  /// Nil if nothing is to be kept, or nobody knows where.
  var cache: CheckCache? {
    guard !isDisabled else { return nil }
    let standard = CheckCache.standardFolder(ProcessInfo.processInfo.environment)
    return (folder ?? standard).map { CheckCache(folder: $0) }
  }
}
