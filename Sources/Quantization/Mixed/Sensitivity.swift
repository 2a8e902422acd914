import Evaluation
import GraphIR
import Support
import Tensors

/// What each layer adds to the error at the network's outputs when it alone is quantized.
public struct Sensitivity: Sendable {
  /// By layer and scheme: noise power as a fraction of the signal's, over outputs and samples.
  public let errors: [NodeID: [QuantizationScheme: Double]]

  /// Quantizes one layer after the other by each scheme, and runs the network on samples.
  ///
  /// - Parameters:
  ///   - models: one network, quantized as a whole by each of the schemes.
  ///   - layers: those that are tried; the others stay as they are.
  ///   - sampleLimit: as many samples are run for each layer and scheme.
  ///   - progress: told after each layer and scheme.
  /// - Throws: what quantization and runs do.
  public init(
    _ models: [(scheme: QuantizationScheme, model: QuantizedModel)], layers: [NodeID],
    _ inputs: Calibration.Inputs, sampleLimit: Int = 8, workers: Workers = .one,
    progress: () -> Void = {}
  ) throws {
    guard let graph = models.first?.model.graph else {
      errors = [:]
      return
    }
    let samples = try (0..<min(sampleLimit, inputs.count)).map(inputs.at)
    let references = try Self.outputs(of: graph, samples, workers)
    var errors: [NodeID: [QuantizationScheme: Double]] = [:]
    for (scheme, model) in models {
      for layer in layers {
        let alone = try model.quantizing(only: layer).quantizedGraph()
        let outputs = try Self.outputs(of: alone, samples, workers)
        errors[layer, default: [:]][scheme] = Self.noise(outputs, references)
        progress()
      }
    }
    self.errors = errors
  }

  private static func outputs(
    of graph: Graph, _ samples: [[Tensor]], _ workers: Workers
  ) throws -> [[Float]] {
    let evaluator = try Evaluator(graph)
    return try samples.map { sample in
      evaluator.reset()
      try evaluator.run(sample, workers: workers)
      return graph.outputs.flatMap { output in
        graph.values[output].type.element == .f32
          ? evaluator.value(output).data.elements(as: Float.self) : []
      }
    }
  }

  private static func noise(_ outputs: [[Float]], _ references: [[Float]]) -> Double {
    var (signal, noise) = (0.0, 0.0)
    for (output, reference) in zip(outputs, references) {
      for (a, b) in zip(output, reference) {
        signal += Double(b) * Double(b)
        noise += Double(a - b) * Double(a - b)
      }
    }
    return signal > 0 ? noise / signal : noise
  }
}
