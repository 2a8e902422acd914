import Evaluation
import Foundation
import GraphIR
import Importing
import Operators
import Support
import TestSupport
import Tensors
import Testing

struct ModelTests {
  @Test(
    .enabled(if: !TestFiles.existing([TestFiles.fashion]).isEmpty, "the example model is missing"))
  func exampleModelIsReadAndComputed() throws {
    let model = try Model(TestFiles.fashion)
    #expect(model.format == "tflite")
    #expect(model.name == "fashion")
    #expect(model.sha256.count == 64)
    try expectSound(model.graph)
  }

  @Test(
    .enabled(
      if: !TestFiles.existing(TestFiles.tinyModels).isEmpty, "no models beside the checkout"),
    arguments: TestFiles.existing(TestFiles.tinyModels))
  func tinyModelsAreReadAndComputed(path: String) throws {
    let graph = try Model(path).graph
    try expectSound(graph)
    let sources = graph.order.flatMap { graph.nodes[$0].sources }.map(\.index)
    #expect(sources == Array(0..<sources.count))
  }

  /// Source of the layers: Banbury et al., "MLPerf Tiny Benchmark", NeurIPS 2021, appendix on anomaly detection.
  @Test(
    .enabled(if: !TestFiles.existing(TestFiles.tinyModels).isEmpty, "no models beside the checkout")
  )
  func autoencoderHasTheWorkOfItsLayers() throws {
    let path = try #require(TestFiles.existing(TestFiles.tinyModels).first)
    let graph = try Model(path).graph
    // 640 → 128 (×4) → 8 → 128 (×4) → 640, all fully connected.
    let widths = [640, 128, 128, 128, 128, 8, 128, 128, 128, 128, 640]
    let expected = zip(widths, widths.dropFirst()).map(*).reduce(0, +)
    #expect(graph.order.map { graph.work(of: $0).macs }.reduce(0, +) == expected)
  }

  @Test(
    .enabled(if: !TestFiles.allModels.isEmpty, "no models beside the checkout"),
    arguments: TestFiles.allModels)
  func everyModelIsReadOrReported(path: String) throws {
    do {
      let graph = try Model(path).graph
      #expect(graph.verify().isEmpty)
    } catch let problems as Diagnostics {
      #expect(!problems.all.isEmpty)
      #expect(problems.all.allSatisfy { $0.place.file == path && $0.message.cause == .unsupported })
    }
  }

  /// Operators that take all of an axis stand behind another, so the file has the old extents of their operand.
  @Test(arguments: ["reversed", "sliced", "strided"])
  func givenExtentsReachOperatorsBehindOthers(name: String) throws {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/shapes/\(name).tflite").path
    let graph = try Model(path, Model.Options(shapes: ["x": [4, 3]])).graph
    #expect(graph.types(of: graph.outputs).map(\.shape) == [[4, 3]])
  }

  @Test func textModelsAreRead() throws {
    try TestFiles.withFolder { folder in
      let graph = try RandomGraph.make(seed: 4, element: .i8)
      try FileBytes.write(Array(graph.text().utf8), to: "\(folder)/random.graph")
      let model = try Model("\(folder)/random.graph")
      #expect(model.graph == graph)
      #expect(model.format == "graph")
    }
  }

  @Test func unsoundTextModelsAreReported() throws {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/bad.graph"
      try FileBytes.write(Array("graph g(%x: i8<-1>[4]) {\n  return %x\n}\n".utf8), to: path)
      let problems = try #require(throws: Diagnostics.self) { try Model(path) }
      #expect(problems.all.map(\.message.id) == ["bad-value"])
    }
  }

  @Test(arguments: ["model", "model.onnx", "model.bin", ".tflite"])
  func otherFormatsAreReported(name: String) throws {
    try TestFiles.withFolder { folder in
      try FileBytes.write([1, 2, 3], to: "\(folder)/\(name)")
      let problem = try #require(throws: Diagnostic.self) { try Model("\(folder)/\(name)") }
      #expect(problem.place.file == "\(folder)/\(name)")
    }
  }

  private func expectSound(_ graph: Graph) throws {
    #expect(graph.verify().isEmpty)
    #expect(!graph.order.isEmpty)
    #expect(try GraphParser(graph.text(), operators: Operators.all).graph == graph)
    let inputs = try InputBinding(graph, given: [], seed: 1).tensors
    let outputs = try graph.evaluate(inputs)
    #expect(try graph.evaluate(inputs) == outputs)
    #expect(outputs.map(\.type) == graph.types(of: graph.outputs))
  }
}
