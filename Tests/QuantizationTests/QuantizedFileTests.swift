import Evaluation
import Exporting
import GraphIR
import Importing
import Passes
import Quantization
import Support
import TestSupport
import Tensors
import Testing

/// Quantized networks as files: what comes back computes the same, or a diagnostic says what the format lacks.
struct QuantizedFileTests {
  private static let schemes = QuantizationScheme.named.map(\.name)

  /// Integers keep every bit in TFLite, floats nearly all of their digits.
  @Test(arguments: Networks.all.indices, schemes)
  func filesOfTFLiteComputeTheSame(network: Int, scheme: String) throws {
    let model = try QuantizedModel(Networks.all[network], scheme)
    guard !Self.lackingInTFLite.contains(scheme) else {
      return #expect(diagnosticID { try model.integerGraph() } == "not-on-integers")
    }
    for hasIntegerPorts in [false, true] {
      let graph = try model.integerGraph(hasIntegerPorts: hasIntegerPorts)
      let read = try Self.through("model.tflite") {
        try TFLiteExporter.file(of: graph, TFLiteExporter.Options(packsWeights: true))
      }
      let found = try #require(read)
      #expect(found.outputs.map { found.values[$0].name } == ["y"])
      #expect(try outputDifferences(graph, found) == [])
    }
  }

  /// ONNX computes with real numbers between its integers: at most a step of 8 bits may be rounded otherwise.
  @Test(arguments: Networks.all.indices, schemes)
  func filesOfONNXComputeTheSame(network: Int, scheme: String) throws {
    let model = try QuantizedModel(Networks.all[network], scheme)
    let graph = try model.quantizedGraph()
    let read = try Self.through("model.onnx") { try graph.onnxFile() }
    #expect((read == nil) == Self.lackingInONNX.contains(scheme))
    guard let read else { return }
    #expect(read.outputs.map { read.values[$0].name } == ["y"])
    #expect(try outputDifferences(graph, read, tolerance: 1.01 / 128) == [])
    #expect(try signalToNoise(read, graph) > 30)
  }

  /// Schemes that TFLite has no operators for.
  private static let lackingInTFLite: Set<String> = [
    "bf16", "fp8", "fp8-e5m2", "mxfp8", "mxfp6", "mxfp4", "mxint8",
  ]
  /// Schemes that ONNX has no operators for.
  private static let lackingInONNX: Set<String> = ["mxfp8", "mxfp6", "mxfp4", "mxint8"]

  /// The graph behind a file; nil if a diagnostic says that the format cannot hold it.
  private static func through(_ name: String, bytes: () throws -> [UInt8]) throws -> Graph? {
    try TestFiles.withFolder { folder in
      let path = "\(folder)/\(name)"
      do { try FileBytes.write(bytes(), to: path) } catch {
        let found = Diagnostics(of: error).all
        #expect(!found.isEmpty && found.allSatisfy { $0.message.cause == .unsupported })
        return nil
      }
      return try Model(path).graph
    }
  }
}
