import ArgumentParser
import GraphIR
import Hardware
import Lowering
import Reporting
import Simulation
import Support
import Tensors

struct Evaluate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure a classifier's accuracy on labelled data.")

  enum Metric: String, ExpressibleByArgument, CaseIterable { case top1 }

  @OptionGroup var model: ModelArguments
  @OptionGroup var pipeline: PipelineArguments

  @Option(help: ArgumentHelp("The samples, along the first axis.", valueName: "X.npy"))
  var data: String

  @Option(help: ArgumentHelp("The right class of each sample.", valueName: "Y.npy"))
  var labels: String

  @Option(help: "What to measure.")
  var metric = Metric.top1

  @Option(help: "Compile for this target and execute on its simulator.")
  var target: String?

  @OptionGroup var variants: VariantArguments

  @Option(
    help: ArgumentHelp("Write the result as JSON; `-` is standard output.", valueName: "FILE"))
  var json: String?

  @Flag(help: "Print nothing but errors.")
  var quiet = false

  func validate() throws { try variants.requireTarget(target) }

  func run() throws {
    let graph = try model.load().graph
    let target = try target.map { try Target($0, variants.choice) }
    let execution = try model.locating {
      try Execution.make(
        graph, target: target, pipeline, variants.chosenObjective, threads: 1)
    }
    let accuracy = try Accuracy(
      of: execution, graph, data: NumPyFile.read(data), labels: NumPyFile.read(labels)
    ) { ProgressLine("evaluating", total: $0, on: quiet ? nil : .terminal) }
    if let json { try Console.write(JSONText.encode(accuracy), to: json) }
    if !quiet, json != "-" { Console.result(accuracy.text + "\n") }
  }
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
