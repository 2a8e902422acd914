import GraphIR
import Support
import TestSupport
import Tensors

import Evaluation

/// Graphs and files for tests of samples.
enum Fixture {
  /// A graph with inputs `x0`, `x1` and so on.
  static func graph(_ types: [TensorType]) -> Graph {
    var graph = Graph(name: "g")
    for (index, type) in types.enumerated() { graph.addInput("x\(index)", type) }
    return graph
  }

  static func withFile<Result>(_ tensor: Tensor, _ body: (String) throws -> Result) throws -> Result
  {
    try TestFiles.withFolder { folder in
      try FileBytes.write(NumPyFile.bytes(of: tensor), to: "\(folder)/data.npy")
      return try body("\(folder)/data.npy")
    }
  }

  /// The id of the diagnostic that `body` throws; empty if it throws none.
  static func problem<Result>(_ body: () throws -> Result) -> String {
    do {
      _ = try body()
      return ""
    } catch {
      return Diagnostics(of: error).all.first?.message.id ?? "\(error)"
    }
  }
}

extension Samples {
  init(_ source: SampleSource, _ types: TensorType...) throws { try self.init(source, types) }

  init(
    _ source: SampleSource, _ types: [TensorType], _ preprocessing: Preprocessing = Preprocessing()
  ) throws {
    try self.init(source, for: Fixture.graph(types), preprocessing: preprocessing)
  }
}
