import Evaluation
import Foundation
import GraphIR
import Importing
import Passes
import Quantization
import Reporting
import Support
import Tensors

/// A network that is to be quantized, with samples and what was asked for.
struct QuantizationWork {
  let command: QuantizeCommand
  let source: Model
  /// Of real numbers, after passes.
  let graph: Graph
  let samples: Samples
  let plan: QuantizationPlan
  /// The methods that were asked for; nil where nothing is said.
  private let askedMethods: [QuantizationMethod]?
  private let ranges: RangeMethod

  init(_ command: QuantizeCommand, _ source: Model) throws {
    self.command = command
    self.source = source
    plan = try command.choices.parsedPlan()
    ranges = try RangeMethod(command.choices.ranges)
    askedMethods = try command.choices.namedMethods()
    graph = try command.model.locating {
      var graph = source.graph
      graph.dequantizeWeights()
      try Pipeline.quantization.run(on: &graph)
      graph.nameLayers(after: source.graph)
      guard
        graph.order.contains(where: {
          graph.types(of: graph.nodes[$0].results).contains { $0.element == .f32 }
        })
      else {
        throw Diagnostic(
          .nothingToQuantize(), help: "give the network as it was before it was quantized")
      }
      return graph
    }
    samples = try command.samples.load(for: graph)
  }

  /// What is done under a plan to recover accuracy.
  private func methods(for plan: QuantizationPlan) -> [QuantizationMethod] {
    askedMethods
      ?? QuantizationMethod.standard(for: plan, samples: samples.isNoise ? 0 : samples.count)
  }

  var inputs: Calibration.Inputs {
    Calibration.Inputs(count: samples.count) { [samples] in try samples.inputs(at: $0) }
  }

  /// What is seen of the network on the samples, as far as one of the plans needs it.
  func calibration(for plans: [QuantizationPlan]) throws -> Calibration {
    try calibrating { context in
      try QuantizedModel.calibration(of: graph, for: plans, context)
    }
  }

  /// What the network becomes under a plan.
  ///
  /// - Parameters:
  ///   - calibration: what was seen of the network; nil to run it.
  ///   - methods: nil for those that were asked for, or that the plan calls for.
  func quantized(
    _ plan: QuantizationPlan, _ calibration: Calibration? = nil,
    methods: [QuantizationMethod]? = nil
  ) throws -> QuantizedModel {
    try calibrating { context in
      try QuantizedModel(
        graph, context.with(plan).reusing(calibration),
        clipping: command.choices.weightClipping, methods: methods ?? self.methods(for: plan))
    }
  }

  private func calibrating<Result>(_ body: (MethodContext) throws -> Result) throws -> Result {
    // Told from the thread that calibrates.
    nonisolated(unsafe) let line = progress("calibrating", samples.count)
    defer { line.finish() }
    return try command.model.locating { try body(context(plan) { line.advance() }) }
  }

  func context(
    _ plan: QuantizationPlan, progress: @escaping @Sendable () -> Void = {}
  ) -> MethodContext {
    MethodContext(
      plan: plan, inputs: inputs, ranges: ranges, workers: Workers(count: command.threads),
      progress: progress)
  }

  func progress(_ title: String, _ total: Int) -> ProgressLine {
    ProgressLine(title, total: total, on: command.quiet ? nil : .terminal)
  }

  /// How far each layer of the quantized network is from that of real numbers, on the samples.
  ///
  /// - Parameter plan: by which it was quantized.
  func report(on model: QuantizedModel, _ plan: QuantizationPlan) throws -> QuantizationReport {
    let stored = try model.quantizedGraph()
    var graph = stored
    try Pipeline.standard.run(on: &graph)
    let chosen = self.graph.representativeSamples(of: samples.count)
    let progress = progress("comparing", chosen.count)
    defer { progress.finish() }
    let errors = try LayerErrors(
      LayerModels(graph, original: stored, self.graph, otherOriginal: source.graph),
      samples: chosen.count, threads: command.threads, progress: progress
    ) { [samples] in
      let inputs = try samples.inputs(at: chosen[$0])
      return (inputs, inputs)
    }
    return QuantizationReport(
      source, scheme: plan.scheme.text, methods: methods(for: plan).map(\.text),
      fitGainDecibels: model.fitGainDecibels, samples: samples.count, comparedSamples: chosen.count,
      isNoise: samples.isNoise,
      weightBytes: (model.originalWeightBytes, model.weightBytes),
      layers: LayerAccuracyReport(errors, of: graph))
  }
}

extension Diagnostic.Message {
  fileprivate static func nothingToQuantize() -> Self {
    Self(id: "nothing-to-quantize", .unsupported, "the model computes nothing on real numbers")
  }
}
