import ArgumentParser
import Lowering
import Reporting
import Simulation
import Support

struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Compile a model, simulate it, and report what each layer costs.")

  @OptionGroup var compilation: CompilationArguments

  @Option(
    help: ArgumentHelp("Write the profile as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Option(help: ArgumentHelp("Write the layers as CSV; `-` is standard output.", valueName: "FILE"))
  var csv: String?

  @Flag(help: "Do not print the table.")
  var quiet = false

  func run() throws {
    let compiled = try compilation.load()
    let profile = Profile(compiled, Timeline(of: compiled.program))
    if let json { try Console.write(JSONText.encode(profile), to: json) }
    if let csv { try Console.write(ProfileCSV.text(profile), to: csv) }
    if !quiet, json != "-", csv != "-" {
      Console.result(ProfileTable(profile, width: Console.width).text)
    }
  }
}
