import ArgumentParser
import Evaluation
import Foundation
import GraphIR
import Importing
import Passes
import Reporting
import Support

struct PassesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "passes", abstract: "List passes, and run them on a model.",
    subcommands: [List.self, Run.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List all passes, where each stands in the pipelines, and what it does to numbers.",
      discussion: """
        The standard pipeline runs before a model is lowered, `--approximate` adds the passes that change last digits of real \
        numbers, and `quantize` prepares the graph that it quantizes.
        """)

    func run() throws {
      var table = TextTable([
        .init("pass"), .init("standard", .right), .init("approximate", .right),
        .init("quantize", .right), .init("numbers"), .init("what it does"),
      ])
      let pipelines: [Pipeline] = [.standard, .approximate, .quantization]
      for pass in Pass.all {
        let positions = pipelines.map { $0.position(of: pass).map(String.init) ?? "" }
        table.add([pass.name] + positions + [pass.exactness.word, pass.story])
      }
      try Console.result(table.lines(width: max(Console.width, 200)).joined(separator: "\n") + "\n")
    }
  }

  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run passes on a model, and print the graph's text form.")

    @OptionGroup var model: ModelArguments

    @Option(
      name: .customLong("pass"), parsing: .upToNextOption,
      help: "The passes to run, in order; without it, the standard pipeline.")
    var names: [String] = []

    @Flag(help: "Run passes too that change last digits of real numbers.")
    var approximate = false

    @Option(help: ArgumentHelp("Leave out a pass.", valueName: "PASS"))
    var disable: [String] = []

    @Flag(help: "Print the graph after each pass that changed it.")
    var printAfter = false

    @Option(help: ArgumentHelp("Print the graph after a pass that changed it.", valueName: "PASS"))
    var printAfterPass: [String] = []

    @Flag(help: "Print to standard error how long each pass took.")
    var timePasses = false

    @Flag(help: "Compute the graph before and after each pass that changed it, and compare.")
    var verify = false

    @Option(help: "Of the random inputs with which --verify computes.")
    var seed: UInt64 = 1

    @Flag(help: "Print all constants, so that the text can be read back.")
    var constants = false

    func validate() throws {
      guard names.isEmpty || !approximate else {
        throw ValidationError("--approximate chooses a pipeline, and --pass another")
      }
      try PipelineArguments.check(names + disable + printAfterPass)
    }

    func run() throws {
      var graph = try model.load().graph
      var check = verify ? try model.locating { try RewriteCheck(graph, seed: seed) } : nil
      var times = PassTimes()
      let options = Pipeline.Options(verifiesEach: true)
      try model.locating {
        try pipeline.without(disable).run(on: &graph, options) { step in
          Console.message("\(step.pass.name): \(step.hasChanged ? "changed" : "nothing to do")")
          times.add(step)
          try check?.check(step)
          if step.hasChanged, isPrinted(step.pass) {
            try Console.result("// after \(step.pass.name)\n\(text(of: step.graph))\n")
          }
        }
      }
      if timePasses { Console.message(times.table) }
      if !printAfter && printAfterPass.isEmpty { try Console.result(text(of: graph)) }
    }

    private var pipeline: Pipeline {
      guard !names.isEmpty else { return approximate ? .approximate : .standard }
      return Pipeline(names.compactMap { name in Pass.all.first { $0.name == name } })
    }

    private func isPrinted(_ pass: Pass) -> Bool {
      printAfter || printAfterPass.contains(pass.name)
    }

    private func text(of graph: Graph) -> String {
      graph.text(constants: constants ? .full : .elided)
    }
  }
}

/// How long the passes of a pipeline took, over all of its rounds.
private struct PassTimes {
  private var order: [String] = []
  private var runs: [String: (count: Int, changes: Int, time: Duration)] = [:]

  mutating func add(_ step: Pipeline.Step) {
    let name = step.pass.name
    let old = runs[name] ?? (0, 0, .zero)
    if old.count == 0 { order.append(name) }
    runs[name] = (
      old.count + 1, old.changes + (step.hasChanged ? 1 : 0), old.time + step.duration
    )
  }

  var table: String {
    var table = TextTable([
      .init("pass"), .init("runs", .right), .init("changes", .right), .init("ms", .right),
    ])
    for name in order {
      guard let run = runs[name] else { continue }
      table.add([name, String(run.count), String(run.changes), milliseconds(run.time)])
    }
    return table.lines(width: 80).joined(separator: "\n")
  }

  private func milliseconds(_ time: Duration) -> String {
    let (seconds, attoseconds) = time.components
    return String(format: "%.3f", Double(seconds) * 1000 + Double(attoseconds) * 1e-15)
  }
}

extension Pipeline {
  /// The first place of a pass, counted from 1; nil if it has none.
  fileprivate func position(of pass: Pass) -> Int? {
    passes.firstIndex { $0.name == pass.name }.map { $0 + 1 }
  }
}

extension Pass {
  /// What the pass does, and why numbers change.
  fileprivate var story: String {
    switch exactness {
    case .exact: summary
    case .approximate(let reason), .restoring(let reason), .quantizing(let reason):
      "\(summary) (\(reason))"
    }
  }
}

extension Pass.Exactness {
  /// For the list of passes.
  fileprivate var word: String {
    switch self {
    case .exact: "exact"
    case .approximate, .restoring: "approximate"
    case .quantizing: "by steps"
    }
  }
}
