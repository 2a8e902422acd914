import Hardware
import Importing
import Reporting
import Simulation
import Support

/// `profile --targets`: one line for each target.
extension ProfileCommand {
  /// What the target cannot run is said in its line; only if none can, the command fails.
  func compare(_ model: Model, _ names: [String]) throws {
    var problems: [Diagnostic] = []
    var comparison = TargetComparison(of: model)
    let graph = try self.model.locating { try pipeline.optimized(model.graph) }
    for name in names {
      let target = try Target(name, variants.choice)
      do {
        let compiled = try compiled(graph, of: model, for: target)
        comparison.add(Profile(compiled, Timeline(of: compiled.program)), on: target)
      } catch {
        let found = Diagnostics(of: error).all
        guard let first = found.first else { throw error }
        problems += found
        comparison.add(first, on: target)
      }
    }
    if comparison.isEmpty { throw Diagnostics(problems) }
    if let json { try Console.write(JSONText.encode(comparison), to: json) }
    if !quiet, json != "-" { Console.result(comparison.text(width: Console.width)) }
  }
}
