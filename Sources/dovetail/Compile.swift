import ArgumentParser
import Lowering
import Support

struct Compile: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compile a model for a target, and print a stage of it.")

  enum Stage: String, ExpressibleByArgument, CaseIterable {
    case graph, schedule, program
  }

  @OptionGroup var model: ModelArguments
  @OptionGroup var target: TargetArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(help: "The stage to print: graph, schedule or program.")
  var emit: Stage

  func run() throws {
    let model = try model.load()
    let target = try target.load()
    let graph = try self.model.locating { try pipeline.optimized(model.graph) }
    if emit == .graph { return Console.result(graph.text(constants: .elided)) }
    let program = try self.model.locating {
      try Program(lowering: graph, to: target.description)
    }
    try Diagnostics(program.verify()).throwIfErrors()
    Console.result(emit == .schedule ? program.scheduleDescription : program.description)
  }
}
