import ArgumentParser
import Foundation
import Support

/// The command. Each subcommand stands in a file of its own.
@main
struct Dovetail: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dovetail",
    abstract: "Fits neural networks and NPUs to each other.",
    discussion: """
      A model is a .tflite, .onnx or .graph file, or a .dvp that `compile` made; \
      a target is a name from Targets/ or the path of a target file.
      Results go to standard output, messages to standard error.

      Exit status: 0 done, 1 the check that was asked for says no, 64 usage, 65 malformed input, \
      66 it cannot be read, 69 unsupported, 70 our own fault, 74 output could not be written.
      """,
    version: "0.1.0",
    subcommands: [
      Inspect.self, Run.self, ProfileCommand.self, Compile.self, QuantizeCommand.self,
      Evaluate.self, Diff.self,
      Check.self, Targets.self, PassesCommand.self,
      Explain.self,
    ])

  static func main() {
    Console.occupyStreams()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let diagnostic as Diagnostic {
      end([diagnostic])
    } catch let diagnostics as Diagnostics {
      end(diagnostics.all)
    } catch {
      exit(withError: error)
    }
  }

  /// Prints diagnostics and exits with the status of the first error.
  private static func end(_ diagnostics: [Diagnostic]) -> Never {
    diagnostics.forEach { Console.message($0.description) }
    let first = diagnostics.first { $0.severity == .error }
    Foundation.exit(first?.message.cause.rawValue ?? Diagnostic.Cause.ourFault.rawValue)
  }
}
