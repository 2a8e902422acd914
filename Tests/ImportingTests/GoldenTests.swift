import GraphIR
import Importing
import TestSupport
import Testing

/// Small model files, and the graphs that are made of them. `Scripts/operator_models` writes such files, and
/// `Scripts/onnx-goldens` those of ONNX.
struct GoldenTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func filesBecomeGraphs(_ golden: Golden) throws {
    let files = [".tflite", ".onnx"].map { golden.path.replacing(".graph", with: $0) }
    let graph = try Model(#require(TestFiles.existing(files).first)).graph
    #expect(graph.verify().isEmpty)
    let problems = try golden.compare(graph.text())
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
