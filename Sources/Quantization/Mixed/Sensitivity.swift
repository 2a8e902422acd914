import Evaluation
import GraphIR
import Support
import Tensors

/// What each layer adds to the error at the network's outputs when it alone is quantized.
public struct Sensitivity: Sendable {
  /// By layer and scheme: noise power as a fraction of the signal's, the mean over outputs and samples.
  public let errors: [NodeID: [QuantizationScheme: Double]]

  /// Quantizes one layer after the other by each scheme, and runs the network on samples.
  ///
  /// - Parameters:
  ///   - layers: those that are tried; others stay as they are.
  ///   - sampleLimit: as many samples are run for each layer and scheme.
  ///   - progress: told after each layer and scheme.
  /// - Throws: what quantization and runs do.
  public init(
    _ graph: Graph, layers: [NodeID], schemes: [QuantizationScheme], _ context: MethodContext,
    clipping: WeightClipping, sampleLimit: Int = 8, progress: () -> Void = {}
  ) throws {
    let count = min(sampleLimit, context.inputs.count)
    let references = try Self.outputs(of: graph, context, count)
    var errors: [NodeID: [QuantizationScheme: Double]] = [:]
    for scheme in schemes {
      // Ranges do not depend on which layers are quantized: they are observed once.
      let all = try QuantizedModel(
        graph, context.with(QuantizationPlan(scheme)), clipping: clipping)
      for layer in layers {
        let alone = all.quantizing(only: layer)
        let outputs = try Self.outputs(of: alone.quantizedGraph(), context, count)
        errors[layer, default: [:]][scheme] = Self.noise(outputs, references)
        progress()
      }
    }
    self.errors = errors
  }

  private static func outputs(
    of graph: Graph, _ context: MethodContext, _ count: Int
  ) throws -> [[Float]] {
    let evaluator = try Evaluator(graph)
    return try (0..<count).map { index in
      evaluator.reset()
      try evaluator.run(context.inputs.at(index), workers: context.workers)
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

extension MethodContext {
  /// The same for another plan.
  public func with(_ plan: QuantizationPlan) -> MethodContext {
    MethodContext(plan: plan, inputs: inputs, ranges: ranges, workers: workers, progress: progress)
  }
}
