import Evaluation
import Simulation
import Support
import Tensors

/// Runs models on the same samples, and measures what they give.
public struct EvaluationRun: Sendable {
  /// How many samples were run.
  public let samples: Int
  /// Of the model that is judged.
  public let model: Score
  /// Of the same model on a device, where that was run besides.
  public private(set) var device: Score?
  /// Of the model that it is compared with; nil where the metric needs both models.
  public private(set) var other: Score?
  /// How near the outputs are to the other model's: SQNR, cosine and agreement, where there is one.
  public private(set) var nearness: [Score] = []
  /// On how many samples the device gives other bits than the model; nil where there is none.
  public private(set) var differing: Int?

  /// A model that can be run.
  public struct Subject {
    /// One for each thread.
    let executions: [any ModelExecution]
    /// The position of the output that is measured.
    let output: Int
    /// What the model gets for a sample.
    let inputs: @Sendable (_ sample: Int) throws -> [Tensor]

    /// - Parameters:
    ///   - executions: one for each thread that is to run samples; they share no states.
    ///   - output: the position of the output that is measured.
    ///   - inputs: what the model gets for a sample. It may be called on several threads at once.
    public init(
      _ executions: [any ModelExecution], output: Int = 0,
      inputs: @escaping @Sendable (_ sample: Int) throws -> [Tensor]
    ) {
      precondition(!executions.isEmpty, "a model has an execution for each thread")
      self.executions = executions
      self.output = output
      self.inputs = inputs
    }
  }

  /// What is measured.
  public struct Measure: Sendable {
    /// What is counted or summed.
    let metric: Metric
    /// What is known of the samples; nil where the metric compares models.
    let truth: Truth?
    /// Above which a score means that something is there.
    let threshold: Double

    /// - Precondition: a metric that needs labels has some.
    public init(_ metric: Metric, truth: Truth?, threshold: Double = 0) {
      precondition(metric.reference == .otherModel || truth != nil, "the metric has its labels")
      self.metric = metric
      self.truth = truth
      self.threshold = threshold
    }
  }

  /// Runs all models on every sample, as many samples at once as each has executions.
  ///
  /// - Parameters:
  ///   - device: the same model where it runs besides; its bits are compared with the model's.
  ///   - other: what the model is compared with.
  ///   - samples: their number, 1 or more.
  /// - Throws: a `Diagnostic` if the metric does not fit the outputs, or the labels.
  /// - Precondition: a metric that compares models has another model.
  public init(
    _ measure: Measure, of model: Subject, on device: Subject? = nil, against other: Subject? = nil,
    samples: Int, progress: ProgressLine = .silent
  ) throws {
    precondition(measure.metric.reference == .labels || other != nil, "there is another model")
    let count = [model, device, other].compactMap { $0?.executions.count }.min() ?? 1
    let machines = (0..<count).map {
      EvaluationMachine(measure, model, device, other, thread: $0)
    }
    var evidence: [EvaluationMachine.Evidence] = []
    try SampleLoop.run(samples, on: machines, progress: progress) { machine, sample in
      try machine.evidence(of: sample)
    } take: {
      evidence.append($0)
    }
    self.samples = samples
    self.model = measure.metric.score(evidence.map(\.model))
    if device != nil {
      self.device = measure.metric.score(evidence.compactMap(\.device))
      differing = evidence.count { !$0.isEqual }
    }
    guard other != nil else { return }
    if measure.metric.reference == .labels {
      self.other = measure.metric.score(evidence.compactMap(\.other))
    }
    nearness = EvaluationMachine.nearness.enumerated().map { position, metric in
      metric.score(evidence.map { $0.nearness[position] })
    }
  }
}

extension EvaluationRun {
  /// Which of both models is right where, for metrics that hold on a sample or do not.
  public var paired: PairedProportions? {
    guard let other, !other.hits.isEmpty else { return nil }
    return PairedProportions(model.hits, other.hits)
  }
}
