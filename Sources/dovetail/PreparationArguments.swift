import ArgumentParser
import Evaluation
import GraphIR

/// How many samples there are, and what becomes of them: for every command that reads samples.
struct PreparationArguments: ParsableArguments {
  @Option(
    name: .customLong("samples"),
    help: ArgumentHelp(
      "Use only the first of them; without data, so many of noise.", valueName: "N"))
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

  /// Samples of files for a model with the inputs of `graph`, or noise where there are none.
  ///
  /// - Parameters:
  ///   - files: of several inputs one for each, as `NAME=X.npy`.
  ///   - hasLimit: whether the number of samples that was given counts.
  func samples(of files: [String], for graph: Graph, hasLimit: Bool = true) throws -> Samples {
    let files = try files.map(Self.file)
    let limit = hasLimit ? limit : nil
    let source: SampleSource =
      files.isEmpty
      ? .noise(count: limit ?? Self.noiseCount, seed: seed) : .files(files, limit: limit)
    return try Samples(source, for: graph, preprocessing: Preprocessing(preprocess))
  }

  /// A file of samples, as users write it.
  static func file(_ text: String) throws -> SampleFile {
    guard text.contains("=") else { return SampleFile(path: text) }
    let (name, path) = try NamedValue.split(text, "NAME=X.npy")
    return SampleFile(name: name, path: path)
  }
}
