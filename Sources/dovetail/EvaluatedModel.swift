import ArgumentParser
import GraphIR
import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support

/// A model as `evaluate` runs it: from a model file, or a compiled program.
struct EvaluatedModel {
  /// The path, which diagnostics name.
  let file: String
  let source: CompiledModel.Source
  /// As it was read and as it runs; nil of a compiled program.
  let graph: (original: Graph, optimized: Graph)?
  /// The program for a target; nil if there is none.
  let compiled: CompiledModel?
  /// A graph with the inputs of the model.
  let inputs: Graph
  /// In the model's order.
  let outputs: [String]

  /// The model that is judged, and its program for a target if one is named.
  init(
    _ model: ModelArguments, _ pipeline: PipelineArguments, _ variants: VariantArguments,
    _ target: String?
  ) throws {
    if let compiled = try model.compiled(pipeline, variants, for: target) {
      self.init(model.model, compiled)
      return
    }
    try self.init(
      model.model, model.load(), pipeline, target: target.map { try Target($0, variants.choice) },
      variants.chosenObjective)
  }

  /// The model that another is compared with, on the CPU. Extents that its file leaves open are those of the other's inputs.
  init(_ path: String, _ pipeline: PipelineArguments, beside judged: EvaluatedModel) throws {
    var options = Model.Options()
    let values = judged.inputs.inputs.map { judged.inputs.values[$0] }
    for value in values { options.shapesOfOpenInputs[value.name] = value.type.shape }
    if values.count == 1 { options.shapesOfOpenInputs[""] = values[0].type.shape }
    try self.init(path, Model(path, options), pipeline, target: nil)
  }

  private init(_ path: String, _ compiled: CompiledModel) {
    file = path
    source = compiled.source
    graph = nil
    self.compiled = compiled
    inputs = compiled.inputGraph
    outputs = compiled.outputs.map(\.name)
  }

  private init(
    _ path: String, _ model: Model, _ pipeline: PipelineArguments, target: Target?,
    _ objective: Objective = .latency
  ) throws {
    file = path
    source = CompiledModel.Source(model)
    let optimized = try locating(in: Diagnostic.Place(file: path)) {
      try pipeline.optimized(model.graph)
    }
    graph = (model.graph, optimized)
    compiled = try target.map { [source] target in
      try locating(in: Diagnostic.Place(file: path)) {
        try CompiledModel(optimized, from: source, for: target, objective)
      }
    }
    inputs = model.graph
    outputs = model.graph.outputs.map { model.graph.values[$0].name }
  }

  /// An execution on the CPU for each thread; nil of a compiled program.
  func onCPU(threads: Int) throws -> [any ModelExecution]? {
    try graph.map { graph in
      try executions(threads) { try ReferenceExecution(graph.optimized) }
    }
  }

  /// An execution on the simulated target for each thread; nil without a target.
  func onTarget(threads: Int) throws -> [any ModelExecution]? {
    try compiled.map { compiled in
      try executions(threads) {
        try DeviceExecution(compiled.program, states: compiled.states, on: Simulator())
      }
    }
  }

  private func executions(_ threads: Int, _ make: () throws -> any ModelExecution) throws
    -> [any ModelExecution]
  {
    try locating(in: Diagnostic.Place(file: file)) {
      let first = try make()
      return try [first] + (1..<threads).map { _ in try first.twin() }
    }
  }

  /// The position of an output: the one of that name, or the first.
  func output(named name: String?) throws -> Int {
    guard let name else { return 0 }
    guard let position = outputs.firstIndex(of: name) else {
      throw Diagnostic(
        .error, .noSuchOutput(name), at: Diagnostic.Place(file: file),
        help: "the outputs are \(outputs.map { "`\($0)`" }.joined(separator: ", "))")
    }
    return position
  }

  /// The position of the output that stands for another model's: the one of its name, or of its position.
  func output(like other: EvaluatedModel, _ position: Int) throws -> Int {
    if let found = outputs.firstIndex(of: other.outputs[position]) { return found }
    guard outputs.indices.contains(position) else {
      return try output(named: other.outputs[position])
    }
    return position
  }

  /// What reports say of it.
  func subject(_ output: Int) -> EvaluationReport.Subject {
    EvaluationReport.Subject(
      name: source.name, format: source.format, sha256: source.sha256, output: outputs[output])
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchOutput(_ name: String) -> Self {
    Self(id: "no-such-output", .usage, "there is no output `\(name)`")
  }
}
