import ArgumentParser
import Foundation
import Hardware
import Reporting
import Support

struct Targets: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, show and check targets.",
    subcommands: [List.self, Show.self, Lint.self], defaultSubcommand: List.self)

  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the targets.")

    func run() throws {
      var table = TextTable([.init("target"), .init("summary", isElastic: true)])
      for name in TargetLibrary.names() {
        table.add([name, try Target(name).description.summary])
      }
      try Console.result(table.lines(width: max(Console.width, 100)).joined(separator: "\n") + "\n")
    }
  }

  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show what a target is made of, and what it supports.")

    @Argument(help: "A name from Targets/, or the path of a target file.")
    var target: String

    @OptionGroup var variants: VariantArguments

    func run() throws {
      try Console.result(TargetSheet(try Target(target, variants.choice)).text)
      try Console.result(TargetVariants(of: target).text)
    }
  }

  struct Lint: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract:
        "Check target files with all their variants: unknown fields, impossible numbers, missing roles."
    )

    @Argument(help: "Names or paths; all targets if none is given.")
    var targets: [String] = []

    func run() throws {
      for name in targets.isEmpty ? TargetLibrary.names() : targets {
        let combinations = try TargetLibrary.combinations(of: name)
        for choice in combinations {
          try locating(in: Diagnostic.Place(spot: choice.text)) { _ = try Target(name, choice) }
        }
        let count = combinations.count
        try Console.result("\(name): sound" + (count > 1 ? ", in \(count) combinations\n" : "\n"))
      }
    }
  }
}
