import ArgumentParser
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

  @Option(help: "A name from Targets/, or the path of a target file.")
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
    help: ArgumentHelp("Write a page for browsers; `-` is standard output.", valueName: "FILE"))
  var html: String?

  @Flag(help: "Do not print the table.")
  var quiet = false

  func validate() throws {
    guard (target == nil) != (targets == nil) else {
      throw ValidationError("name one target with `--target`, or several with `--targets`")
    }
    if targets != nil, csv != nil {
      throw ValidationError("`--csv` has the layers of one target: use `--target`")
    }
    if targets != nil, html != nil {
      throw ValidationError("`--html` shows the layers of one target: use `--target`")
    }
  }

  func run() throws {
    let model = try model.load()
    if let targets { return try compare(model, TargetLibrary.names(matching: targets)) }
    let (profile, program, timeline) = try simulate(
      model, on: Target(target ?? "", variants.choice))
    if let json { try Console.write(JSONText.encode(profile), to: json) }
    if let csv { try Console.write(ProfileCSV.text(profile), to: csv) }
    if let html { try Console.write(ProfilePage(profile, program, timeline).text, to: html) }
    if !quiet, ![json, csv, html].contains("-") {
      Console.result(ProfileTable(profile, width: Console.width).text)
    }
  }

  func simulate(_ model: Model, on target: Target) throws -> (Profile, Program, Timeline) {
    let program = try self.model.locating {
      try Program(lowering: pipeline.optimized(model.graph), to: target.description)
    }
    try Diagnostics(program.verify()).throwIfErrors()
    let timeline = Timeline(of: program)
    return (Profile(model, target, program, timeline), program, timeline)
  }
}
