import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support

/// Compiles models for a target, and measures what they cost there.
struct Measurement {
  let target: Target
  let pipeline: PipelineArguments
  let objective: Objective

  init(_ target: Target, _ pipeline: PipelineArguments, _ objective: Objective) {
    self.target = target
    self.pipeline = pipeline
    self.objective = objective
  }

  /// The verified program of a model.
  ///
  /// - Parameter file: the model's, which diagnostics name.
  func program(of model: Model, in file: String) throws -> Program {
    try locating(in: Diagnostic.Place(file: file)) {
      let program = try Program(
        lowering: pipeline.optimized(model.graph), to: target, for: objective)
      try Diagnostics(program.verify()).throwIfErrors()
      return program
    }
  }

  /// What the model costs on the target.
  func profile(of model: Model, in file: String) throws -> Profile {
    let program = try program(of: model, in: file)
    return Profile(model, target, program, Timeline(of: program))
  }
}
