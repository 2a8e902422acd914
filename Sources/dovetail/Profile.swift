import ArgumentParser
import Lowering
import Reporting
import Simulation
import Support

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Compile a model, simulate it, and report what each layer costs.")

  @OptionGroup var model: ModelArguments
  @OptionGroup var target: TargetArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(
    help: ArgumentHelp("Write the profile as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Option(help: ArgumentHelp("Write the layers as CSV; `-` is standard output.", valueName: "FILE"))
  var csv: String?

  @Flag(help: "Do not print the table.")
  var quiet = false

  func run() throws {
    let model = try model.load()
    let target = try target.load()
    let program = try self.model.locating {
      try Program(lowering: pipeline.optimized(model.graph), to: target.description)
    }
    try Diagnostics(program.verify()).throwIfErrors()
    let profile = Profile(model, target, program, Timeline(of: program))
    if let json { try Console.write(JSONText.encode(profile), to: json) }
    if let csv { try Console.write(ProfileCSV.text(profile), to: csv) }
    if !quiet, json != "-", csv != "-" {
      Console.result(ProfileTable(profile, width: Console.width).text)
    }
  }
}
