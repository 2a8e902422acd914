import Foundation
import Hardware
import Importing
import Lowering
import Reporting
import Simulation
import Support

/// `profile --targets`: one line for each target.
extension ProfileCommand {
  /// What the target cannot run is said in its line; only if none can, the command fails.
  func compare(_ model: Model, _ names: [String]) throws {
    var problems: [Diagnostic] = []
    var comparison = TargetComparison(of: model)
    let targets = try Target.all(names, variants.choice)
    for (target, totals) in zip(targets, try totals(of: model, on: targets)) {
      do {
        comparison.add(try totals.get(), on: target)
      } catch {
        let found = Diagnostics(of: error).all
        guard let first = found.first else { throw error }
        problems += found
        comparison.add(first, on: target)
      }
    }
    if comparison.isEmpty { throw Diagnostics(problems) }
    if let json { try Console.write(JSONText.encode(comparison), to: json) }
    if !quiet, json != "-" { try Console.result(comparison.text(width: Console.width)) }
  }

  /// What the model costs on each target, or why it does not run there.
  private func totals(
    of model: Model, on targets: [Target]
  ) throws -> [Result<Profile.Totals, any Error>] {
    let graph = try self.model.locating { try pipeline.optimized(model.graph) }
    let (source, objective) = (CompiledModel.Source(model), variants.chosenObjective)
    let place = Diagnostic.Place(file: self.model.model)
    let encodings = KnownEncodings()
    return Workers(count: ProcessInfo.processInfo.activeProcessorCount).map(targets.count) {
      index in
      Result {
        try locating(in: place) {
          let compiled = try CompiledModel(
            graph, from: source, for: targets[index], objective, .timing, sharing: encodings)
          return Profile.Totals(of: compiled.program, Timeline(of: compiled.program))
        }
      }
    }
  }
}
