import Foundation
import GraphIR
import Importing
import TestSupport
import Testing

/// Small model files, and the graphs that are made of them. `Scripts/operator_models` writes such files of TFLite; those of
/// ONNX are made by the helpers of the package `onnx`.
struct GoldenTests {
  @Test(arguments: Golden.all(beside: #filePath))
  func filesBecomeGraphs(_ golden: Golden) throws {
    let files = [".tflite", ".onnx"].map { golden.path.replacing(".graph", with: $0) }
    let file = try #require(files.first { FileManager.default.fileExists(atPath: $0) })
    let graph = try Model(file).graph
    #expect(graph.verify().isEmpty)
    let problems = try golden.compare(graph.text())
    #expect(problems.isEmpty, "\(problems.joined(separator: "\n"))")
  }
}
