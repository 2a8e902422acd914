import Hardware
import Importing
import Reporting
import Support

/// `profile --targets`: one line for each target.
extension ProfileCommand {
  /// What the target cannot run is said in its line; only if none can, the command fails.
  func compare(_ model: Model, _ names: [String]) throws {
    var problems: [Diagnostic] = []
    var comparison = TargetComparison(of: model)
    for name in names {
      let target = try Target(name, variants.choice)
      do {
        comparison.add(try profile(model, on: target), on: target)
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
