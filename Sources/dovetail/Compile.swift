import ArgumentParser
import Lowering
import Reporting
import Support

struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a model for a target: to a program file, or to a stage that is printed.")

  enum Stage: String, ExpressibleByArgument, CaseIterable {
    case graph, schedule, program
  }

  @OptionGroup var compilation: CompilationArguments

  @Option(name: .shortAndLong, help: ArgumentHelp("Write the program.", valueName: "FILE.dvp"))
  var output: String?

  @Option(help: "The stage to print: graph, schedule or program.")
  var emit: Stage?

  func validate() throws {
    guard output != nil || emit != nil else {
      throw ValidationError(
        "say where the program goes, by -o FILE.dvp, or what to print, by --emit")
    }
  }

  func run() throws {
    if emit == .graph { try printGraph() }
    if output == nil, emit == .graph { return }
    let compiled = try compilation.load()
    if let output { try compiled.write(to: output) }
    switch emit {
    case .schedule:
      try Console.result(
        compiled.program.scheduleDescription + StallText.text(compiled.program))
    case .program: try Console.result(compiled.program.description)
    case .graph, nil: break
    }
  }

  private func printGraph() throws {
    let model = compilation.model
    guard !model.isCompiled else {
      throw ValidationError("a compiled program has no graph; --emit takes schedule or program")
    }
    _ = try compilation.loadedTarget()
    let graph = try model.load().graph
    let optimized = try model.locating { try compilation.pipeline.optimized(graph) }
    try Console.result(optimized.text(constants: .elided))
  }
}
