import ArgumentParser
import Evaluation
import GraphIR
import Reporting
import Simulation
import Support
import Tensors

/// Models with samples and labels, ready to be run.
struct ModelEvaluation {
  private let judged: EvaluatedModel
  private let other: EvaluatedModel?
  private let samples: Samples
  private let otherInputs: @Sendable (Int) throws -> [Tensor]
  private let measure: EvaluationRun.Measure
  private let outputs: (judged: Int, other: Int)

  /// Makes what is to be done, and what it is called, visible.
  typealias Progress = (_ title: String, _ total: Int) -> ProgressLine

  /// Reads samples and labels, and says what was taken where nothing was said.
  init(_ command: Evaluate, _ judged: EvaluatedModel, _ other: EvaluatedModel?) throws {
    self.judged = judged
    self.other = other
    let samples = try command.samples.load(for: judged.inputs)
    self.samples = samples
    otherInputs = try Self.inputs(of: other, beside: judged, samples, command)
    let truth = try Self.truth(command.labels, samples)
    let metric = try command.measure.chosen(hasLabels: truth != nil, hasOther: other != nil)
    if samples.isNoise, metric.reference == .labels {
      throw ValidationError("`\(metric.name)` needs `--data`: noise has no labels")
    }
    measure = EvaluationRun.Measure(
      metric, truth: truth, threshold: command.measure.threshold)
    let output = try judged.output(named: command.measure.output)
    outputs = (output, try other?.output(like: judged, output) ?? 0)
    if !command.quiet { announce(command) }
  }

  /// Nil where nothing is known.
  private static func truth(_ path: String?, _ samples: Samples) throws -> Truth? {
    guard let path else { return samples.labels.map { Truth(classes: $0.classes) } }
    return try locating(in: Diagnostic.Place(file: path)) {
      let truth = try Truth(path)
      try truth.check(for: samples)
      return truth
    }
  }

  /// What the other model gets for a sample: the same data, in the types of its own inputs.
  ///
  /// Noise, and data that are already the integers of the judged model, mean real numbers, which the other model gets.
  private static func inputs(
    of other: EvaluatedModel?, beside judged: EvaluatedModel, _ samples: Samples,
    _ command: Evaluate
  ) throws -> @Sendable (Int) throws -> [Tensor] {
    guard let other else { return { _ in [] } }
    let types = other.inputs.types(of: other.inputs.inputs)
    if try meansRealNumbers(types, judged, samples, command) {
      return { sample in
        zip(types, try samples.inputs(at: sample)).map { Tensor($0, reals: $1.realNumbers) }
      }
    }
    let own = try command.samples.load(for: other.inputs, others: command.againstData)
    guard own.count >= samples.count else {
      throw ValidationError("`--against-data` holds fewer samples than `--data`")
    }
    return { try own.inputs(at: $0) }
  }

  private static func meansRealNumbers(
    _ types: [TensorType], _ judged: EvaluatedModel, _ samples: Samples, _ command: Evaluate
  ) throws -> Bool {
    let given = judged.inputs.types(of: judged.inputs.inputs)
    guard command.againstData.isEmpty, types.map(\.elementCount) == given.map(\.elementCount) else {
      return false
    }
    return try samples.isNoise
      || given.indices.allSatisfy { index in
        try types[index].element.isFloat && given[index].quantization != nil
          && command.samples.holds(given[index].element, for: judged.inputs, index)
      }
  }

  private func announce(_ command: Evaluate) {
    if samples.isNoise {
      Console.message(
        "note: no data: \(samples.count) samples of seeded noise are used (--seed \(command.samples.preparation.seed))"
      )
    }
    if command.measure.output == nil, judged.outputs.count > 1 {
      Console.message(
        "note: the output `\(judged.outputs[0])` is measured, the first of \(judged.outputs.count)")
    }
  }
}

extension ModelEvaluation {
  /// Runs all models. Without another model the one that is judged runs on the target alone, if there is one.
  func report(threads: Int, _ progress: Progress) throws -> EvaluationReport {
    let threads = min(threads, samples.count)
    let onTarget = try judged.onTarget(threads: threads)
    let onCPU = other == nil && onTarget != nil ? nil : try judged.onCPU(threads: threads)
    guard let first = onCPU ?? onTarget else { preconditionFailure("a model runs somewhere") }
    let device = onCPU == nil ? nil : onTarget
    let against = try other?.onCPU(threads: threads).map {
      EvaluationRun.Subject($0, output: outputs.other, inputs: otherInputs)
    }
    let run = try locating(in: Diagnostic.Place(file: judged.file)) {
      try EvaluationRun(
        measure, of: subject(first), on: device.map { subject($0) },
        against: against, samples: samples.count, progress: progress("evaluating", samples.count))
    }
    return EvaluationReport(
      run, of: judged.subject(outputs.judged), on: judged.compiled?.target,
      against: other?.subject(outputs.other), isNoise: samples.isNoise)
  }

  private func subject(_ executions: [any ModelExecution]) -> EvaluationRun.Subject {
    EvaluationRun.Subject(executions, output: outputs.judged) { [samples] in
      try samples.inputs(at: $0)
    }
  }

  /// Compares both models layer by layer; nil where one of them has no graph.
  func layers(threads: Int, _ progress: Progress) throws -> LayerAccuracyReport? {
    guard let graph = judged.graph, let other = other?.graph else { return nil }
    let models = LayerModels(
      graph.optimized, original: graph.original, other.optimized, otherOriginal: other.original)
    let errors = try locating(in: Diagnostic.Place(file: judged.file)) {
      try LayerErrors(
        models, samples: samples.count, threads: threads,
        progress: progress("comparing layers", samples.count)
      ) { [samples, otherInputs] in try (samples.inputs(at: $0), otherInputs($0)) }
    }
    return LayerAccuracyReport(errors, of: graph.optimized)
  }
}

extension Tensor {
  /// The tensor whose elements stand for real numbers, as near as its type allows.
  ///
  /// - Precondition: there are as many numbers as elements.
  fileprivate init(_ type: TensorType, reals: [Double]) {
    let quantization = type.sharedQuantization
    let (scale, zeroPoint) = (quantization?.scale ?? 1, quantization?.zeroPoint ?? 0)
    self.init(
      type,
      numbers: quantization == nil
        ? reals : reals.map { ($0 / Double(scale)).rounded() + Double(zeroPoint) })
  }
}
