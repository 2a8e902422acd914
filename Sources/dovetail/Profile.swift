import ArgumentParser
import GraphIR
import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Compile a model, simulate it, and report what each layer costs.")

  @OptionGroup var model: ModelArguments

  @Option(
    help: "A name from Targets/, or the path of a target file; a compiled program has its own.")
  var target: String?

  @Option(
    help: ArgumentHelp(
      "Compare all targets whose names match, such as 'ethos-u55-*', one line each.",
      valueName: "PATTERN"))
  var targets: String?

  @OptionGroup var variants: VariantArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp("Write the profile as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Option(help: ArgumentHelp("Write the layers as CSV; `-` is standard output.", valueName: "FILE"))
  var csv: String?

  @Option(
    help: ArgumentHelp(
      "Write the run as trace events, for Perfetto; `-` is standard output.", valueName: "FILE"))
  var trace: String?

  @Option(
    help: ArgumentHelp(
      "Write a report in Markdown, for pull requests; `-` is standard output.", valueName: "FILE"))
  var markdown: String?

  @Option(
    help: ArgumentHelp(
      "Write folded stacks, for flame graphs; `-` is standard output.", valueName: "FILE"))
  var folded: String?

  @Option(
    help: ArgumentHelp(
      "Write cycles as node data, for Model Explorer; `-` is standard output.", valueName: "FILE"))
  var nodeData: String?

  @Option(
    help: ArgumentHelp("Write a page for browsers; `-` is standard output.", valueName: "FILE"))
  var html: String?

  @Option(
    help: ArgumentHelp(
      "Show how far each layer is from that of another model, from the JSON of `evaluate --against`.",
      valueName: "FILE"))
  var accuracy: String?

  @Flag(help: "Compile and time changes of network and target, and report which gain most.")
  var advice = false

  @Flag(help: "Do not print the table.")
  var quiet = false

  func validate() throws {
    guard (target == nil) != (targets == nil) || model.isCompiled else {
      throw ValidationError("name one target with `--target`, or several with `--targets`")
    }
    let forOneTarget =
      [csv, html, trace, markdown, folded, nodeData, accuracy].contains { $0 != nil } || advice
    if targets != nil, forOneTarget {
      throw ValidationError(
        "of several targets there is a table, or `--json`: for the layers of one, use `--target`")
    }
  }

  func run() throws {
    if model.isCompiled { return try report(compiledFile()) }
    let model = try model.load()
    if let targets { return try compare(model, TargetLibrary.names(matching: targets)) }
    let target = try Target(target ?? "", variants.choice)
    let graph = try self.model.locating { try pipeline.optimized(model.graph) }
    let compiled = try compiled(graph, of: model, for: target)
    try report(compiled, graph: graph, graphName: model.graphName)
  }

  /// A program file, which has neither graph nor other targets to compare it with.
  private func compiledFile() throws -> CompiledModel {
    guard targets == nil, !advice else {
      throw ValidationError("a compiled program has one target, and no graph to try changes on")
    }
    guard let compiled = try model.compiled(pipeline, variants, for: target) else {
      preconditionFailure("the file holds a program")
    }
    return compiled
  }

  private func report(
    _ compiled: CompiledModel, graph: Graph? = nil, graphName: String? = nil
  ) throws {
    let (program, timeline) = (compiled.program, Timeline(of: compiled.program))
    var profile = Profile(compiled, timeline)
    if let accuracy { try profile.addAccuracy(reading: accuracy) }
    if advice, let graph {
      let search = AdviceSearch(graph, compiled.target.description, program, timeline)
      profile.advice = search.advice {
        ProgressLine("trying changes", total: $0, on: quiet ? nil : .terminal)
      }
    }
    if let json { try Console.write(JSONText.encode(profile), to: json) }
    if let csv { try Console.write(ProfileCSV.text(profile), to: csv) }
    if let html {
      let page = ProfilePage(
        profile, program, timeline, accuracy: profile.layerAccuracy, advice: profile.advice)
      try Console.write(page.text, to: html)
    }
    if let markdown { try Console.write(ProfileMarkdown(profile).text, to: markdown) }
    if let folded { try Console.write(FoldedStacks.text(profile), to: folded) }
    if let nodeData {
      let data = NodeData(profile, graph: graphName ?? program.name)
      try Console.write(JSONText.encode(data), to: nodeData)
    }
    if let trace { try Console.write(to: trace, Trace(profile, program, timeline).write) }
    if !quiet, ![json, csv, html, markdown, folded, nodeData, trace].contains("-") {
      try Console.result(ProfileTable(profile, width: Console.width).text)
    }
  }

  /// - Parameter graph: as the passes left it, which is the same for every target.
  func compiled(_ graph: Graph, of model: Model, for target: Target) throws -> CompiledModel {
    try self.model.locating {
      try CompiledModel(
        graph, from: CompiledModel.Source(model), for: target, variants.chosenObjective, .timing)
    }
  }
}
