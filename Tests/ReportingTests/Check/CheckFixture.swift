import Foundation
import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Reporting
import Simulation
import Support
import Synchronization
import TestSupport

/// The example network with accepted figures, as `dovetail check` has them.
struct CheckFixture {
  let suite: Suite
  let measured: [CheckRun.Measured]
  let baseline: Baseline

  init(target: String = "ethos-u55-128") throws {
    let path = TargetVariant.path(of: target)
    suite = Suite(Suite.Entry(model: TestFiles.fashion, target: path))
    measured = CheckRun(cache: nil, tool: "", measure: Self.measure).measured(
      suite.entries, jobs: 1)
    baseline = Baseline().updated(measured, isWhole: true)
  }

  /// What the check finds where the text of the baseline has parts replaced.
  func report(_ parts: (String, String)..., isWhole: Bool = true) throws -> CheckReport {
    let text = parts.reduce(baseline.text) { $0.replacing($1.0, with: $1.1) }
    return CheckReport(
      measured, try Self.baseline(text), suite.tolerance, isUpdate: false, isWhole: isWhole)
  }

  static func baseline(_ text: String) throws -> Baseline {
    try TestFiles.withFolder { folder in
      try FileBytes.write(Array(text.utf8), to: "\(folder)/baseline.json")
      return try Baseline(reading: "\(folder)/baseline.json")
    }
  }

  @Sendable static func measure(_ entry: Suite.Entry, _ target: Target) throws -> NetworkFacts {
    let model = try Model(entry.model)
    var graph = model.graph
    try Pipeline.standard.run(on: &graph)
    let program = try Program(lowering: graph, to: target.description)
    return NetworkFacts(Profile(model, target, program, Timeline(of: program)), program)
  }

  /// The line of the baseline for a layer, with the cycles and name that it has.
  func line(_ position: Int) -> String {
    let lines = baseline.text.split(separator: "\n").filter { $0.contains("\"cycles\"") }
    return String(lines[position])
  }
}

/// Counts calls from several threads.
final class Counter: Sendable {
  private let state = Mutex(0)
  var count: Int { state.withLock { $0 } }
  func add() { state.withLock { $0 += 1 } }
}
