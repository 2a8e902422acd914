import GraphIR
import Importing
import TestSupport
import Testing

/// Small model files, and the graphs that are made of them. `Scripts/operator_models` writes such files.
struct GoldenTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func filesBecomeGraphs(_ golden: Golden) throws {
    let graph = try Model(golden.path.replacing(".graph", with: ".tflite")).graph
    #expect(graph.verify().isEmpty)
    let problems = try golden.compare(graph.text())
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
