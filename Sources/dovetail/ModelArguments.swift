import ArgumentParser
import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Support
import Tensors

/// The model that a command works on.
struct ModelArguments: ParsableArguments {
  @Argument(help: "A .tflite or .graph file.", completion: .file())
  var model: String

  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp("Give an input other extents.", valueName: "NAME=1x2x3"))
  var shapes: [String] = []

  /// Reads the model.
  func load() throws -> Model {
    try Model(model, Model.Options(shapes: try parsedShapes()))
  }

  /// Runs `body`, and names the model's file in what it reports.
  func locating<Result>(_ body: () throws -> Result) throws -> Result {
    try Support.locating(in: Diagnostic.Place(file: model), body)
  }

  private func parsedShapes() throws -> [String: Shape] {
    try shapes.reduce(into: [:]) { parsed, text in
      let (name, extents) = try NamedValue.split(text, "--shape NAME=1x2x3")
      let numbers = extents.split(separator: "x").map { Int($0) ?? 0 }
      guard !name.isEmpty, let shape = Shape(checking: numbers) else {
        throw ValidationError(
          "`--shape \(text)` is not of the form NAME=1x2x3, or no tensor has such extents")
      }
      parsed[name] = shape
    }
  }
}

/// Text of the form `NAME=VALUE`. Names of tensors may have an equals sign themselves, so the last one counts.
enum NamedValue {
  static func split(_ text: String, _ form: String) throws -> (name: String, value: String) {
    guard let equals = text.lastIndex(of: "=") else {
      throw ValidationError("`\(text)` is not of the form `\(form)`")
    }
    return (String(text[..<equals]), String(text[text.index(after: equals)...]))
  }
}

/// The target that a command works for.
struct TargetArguments: ParsableArguments {
  @Option(help: "A name from Targets/, or the path of a target file.")
  var target: String

  func load() throws -> Target { try Target(target) }
}

/// Options of every command that optimizes the graph.
struct PipelineArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Leave out a pass.", valueName: "PASS"))
  var disable: [String] = []

  @Flag(help: "Verify the graph after each pass.")
  var verifyEach = false

  /// The model's graph after the standard pipeline.
  func optimized(_ graph: Graph) throws -> Graph {
    let known = Pass.all.map(\.name)
    if let unknown = disable.first(where: { !known.contains($0) }) {
      throw ValidationError("there is no pass `\(unknown)`; see `dovetail passes list`")
    }
    var graph = graph
    try Pipeline.standard.without(disable).run(
      on: &graph, Pipeline.Options(verifiesEach: verifyEach))
    return graph
  }
}
