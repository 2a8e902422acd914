import ArgumentParser
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
      abstract: "List all passes, and where each stands in the standard pipeline.")

    func run() {
      var table = TextTable([.init("pass"), .init("standard", .right), .init("what it does")])
      let standard = Pipeline.standard.passes.map(\.name)
      for pass in Pass.all {
        let position = standard.firstIndex(of: pass.name).map { String($0 + 1) } ?? ""
        table.add([pass.name, position, pass.summary])
      }
      Console.result(table.lines(width: max(Console.width, 100)).joined(separator: "\n") + "\n")
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

    @Option(help: ArgumentHelp("Leave out a pass.", valueName: "PASS"))
    var disable: [String] = []

    @Flag(help: "Print the graph after each pass that changed it.")
    var printAfter = false

    @Flag(help: "Print all constants, so that the text can be read back.")
    var constants = false

    func run() throws {
      var graph = try model.load().graph
      let text: Graph.ConstantText = constants ? .full : .elided
      let printAfter = printAfter
      let options = Pipeline.Options(verifiesEach: true)
      try pipeline().without(disable).run(on: &graph, options) { step in
        Console.message("\(step.pass.name): \(step.hasChanged ? "changed" : "nothing to do")")
        if printAfter, step.hasChanged {
          Console.result("// after \(step.pass.name)\n\(step.graph.text(constants: text))\n")
        }
      }
      if !printAfter { Console.result(graph.text(constants: text)) }
    }

    private func pipeline() throws -> Pipeline {
      guard !names.isEmpty else { return .standard }
      return Pipeline(
        try names.map { name in
          guard let pass = Pass.all.first(where: { $0.name == name }) else {
            throw ValidationError("there is no pass `\(name)`; see `dovetail passes list`")
          }
          return pass
        })
    }
  }
}
