import ArgumentParser
import Evaluation
import GraphIR
import Tensors

/// The samples that a command runs a model on.
struct SampleArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The samples: an .npy or .npz file with these along the first axis, or a folder of images; of several "
        + "inputs one for each, with its name.",
      valueName: "NAME=X.npy"))
  var data: [String] = []

  @Option(
    name: .customLong("samples"),
    help: ArgumentHelp(
      "Run only the first of them; without data, so many of noise.", valueName: "N"))
  var limit: Int?

  @Option(
    help: ArgumentHelp(
      "What becomes of numbers and images before a model reads them, such as `resize=bicubic,mean=127,scale=128`.",
      valueName: "KEY=VALUE,…"))
  var preprocess = ""

  @Option(help: "Seed of the noise that is used where no data are given.")
  var seed: UInt64 = 0

  /// How many samples of noise there are where no number is given.
  private static let noiseCount = 16

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--samples takes a positive number") }
  }

  /// The samples for a model with the inputs of `graph`.
  ///
  /// - Parameter others: files to read in place of the data; empty for the data themselves.
  func load(for graph: Graph, others: [String] = []) throws -> Samples {
    try Self.samples(
      others.isEmpty ? data : others, limit: limit, preprocess: preprocess, seed: seed, for: graph)
  }

  /// Samples of files, or noise where there are none.
  static func samples(
    _ files: [String], limit: Int?, preprocess: String, seed: UInt64, for graph: Graph
  ) throws -> Samples {
    let files = try files.map(file)
    let source: SampleSource =
      files.isEmpty ? .noise(count: limit ?? noiseCount, seed: seed) : .files(files, limit: limit)
    return try Samples(source, for: graph, preprocessing: Preprocessing(preprocess))
  }

  /// Whether the data for an input are an array of these elements, which a model with such an input gets as they are.
  func holds(_ element: ElementType, for graph: Graph, _ input: Int) throws -> Bool {
    let name = graph.values[graph.inputs[input]].name
    let file = try data.map(Self.file).first { $0.name.isEmpty || $0.name == name }
    guard let file, file.path.lowercased().hasSuffix(".npy"), preprocess.isEmpty else {
      return false
    }
    return try NumPyFile.read(file.path).type.element == element
  }

  private static func file(_ text: String) throws -> SampleFile {
    guard text.contains("=") else { return SampleFile(path: text) }
    let (name, path) = try NamedValue.split(text, "--data NAME=X.npy")
    return SampleFile(name: name, path: path)
  }
}
