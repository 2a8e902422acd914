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

  @OptionGroup var preparation: PreparationArguments

  /// The samples for a model with the inputs of `graph`.
  ///
  /// - Parameter others: files to read in place of the data; empty for the data themselves.
  func load(for graph: Graph, others: [String] = []) throws -> Samples {
    try preparation.samples(of: others.isEmpty ? data : others, for: graph)
  }

  /// Whether the data for an input are an array of these elements, which a model with such an input gets as they are.
  func holds(_ element: ElementType, for graph: Graph, _ input: Int) throws -> Bool {
    let name = graph.values[graph.inputs[input]].name
    let file = try data.map(PreparationArguments.file).first { $0.name.isEmpty || $0.name == name }
    guard let file, file.path.lowercased().hasSuffix(".npy"), preparation.preprocess.isEmpty else {
      return false
    }
    return try NumPyFile.read(file.path).type.element == element
  }
}
