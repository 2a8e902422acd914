import ArgumentParser
import Evaluation
import GraphIR
import Hardware
import Importing
import Lowering
import Passes
import Support
import Tensors

/// The model that a command works on.
struct ModelArguments: ParsableArguments {
  @Argument(help: "A .tflite, .onnx or .graph file, or a compiled .dvp.", completion: .file())
  var model: String

  @OptionGroup var shapes: ShapeArguments

  /// Reads the model.
  func load() throws -> Model {
    try Model(model, Model.Options(shapes: try shapes.parsed()))
  }

  /// Reads the model to run it on what is given for its inputs, which binds extents that the file leaves open.
  ///
  /// Where shapes depend on values, the graph is one for these values alone.
  ///
  /// - Parameter seed: of the noise for inputs for which nothing is given.
  func load(for given: [(name: String, tensor: Tensor)], steps: Int?, seed: UInt64) throws -> Model
  {
    var options = Model.Options(shapes: try shapes.parsed())
    for (name, tensor) in given {
      let extents = tensor.type.shape.extents.dropFirst(steps == nil ? 0 : 1)
      options.shapesOfOpenInputs[name] = Shape(Array(extents))
    }
    do {
      return try Model(model, options)
    } catch  where steps == nil && Diagnostics(of: error).dependOnValues {
      let inputs = try ModelOutline(model, options).inputs
      options.known = try KnownInputs(given, inputs, seed: seed)
      return try Model(model, options)
    }
  }

  /// Runs `body`, and names the model's file in what it reports.
  func locating<Result>(_ body: () throws -> Result) throws -> Result {
    try Support.locating(in: Diagnostic.Place(file: model), body)
  }
}

/// Extents for inputs, of every command that reads a model.
struct ShapeArguments: ParsableArguments {
  @Option(
    name: .customLong("shape"),
    help: ArgumentHelp("Give an input other extents.", valueName: "NAME=1x2x3"))
  var shapes: [String] = []

  /// By the input's name.
  func parsed() throws -> [String: Shape] {
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

extension KnownInputs {
  /// Given tensors, and seeded noise for the other inputs.
  fileprivate init(
    _ given: [(name: String, tensor: Tensor)], _ inputs: [ModelOutline.Port], seed: UInt64
  ) throws {
    var graph = Graph(name: "inputs")
    for input in inputs { graph.addInput(input.name, input.type) }
    let binding = try InputBinding(graph, given: given, seed: seed)
    self.init(
      Dictionary(zip(inputs.map(\.name), binding.tensors)) { first, _ in first })
  }
}

extension Diagnostics {
  /// Whether the values of inputs would help.
  fileprivate var dependOnValues: Bool {
    all.contains(where: \.message.isAboutValues)
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

/// Options of every command that optimizes the graph.
struct PipelineArguments: ParsableArguments {
  @Option(help: ArgumentHelp("Leave out a pass.", valueName: "PASS"))
  var disable: [String] = []

  @Flag(help: "Run passes too that change last digits of real numbers.")
  var approximate = false

  @Flag(help: "Verify the graph after each pass.")
  var verifyEach = false

  /// Whether the user leaves the pipeline as it is.
  var isStandard: Bool { disable.isEmpty && !approximate && !verifyEach }

  /// Whether there are passes of these names.
  static func check(_ names: [String]) throws {
    let known = Pass.all.map(\.name)
    if let unknown = names.first(where: { !known.contains($0) }) {
      throw ValidationError("there is no pass `\(unknown)`; see `dovetail passes list`")
    }
  }

  /// The model's graph after the pipeline.
  func optimized(_ graph: Graph) throws -> Graph {
    try Self.check(disable)
    var graph = graph
    let pipeline: Pipeline = approximate ? .approximate : .standard
    try pipeline.without(disable).run(on: &graph, Pipeline.Options(verifiesEach: verifyEach))
    return graph
  }
}
