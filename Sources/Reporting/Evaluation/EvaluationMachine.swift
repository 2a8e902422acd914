import Evaluation
import Simulation
import Tensors

/// The models of an evaluation on one thread.
struct EvaluationMachine {
  /// How near the outputs of two models are is told by all of these.
  static let nearness: [Metric] = [.sqnr, .cosine, .agreement]

  private let measure: EvaluationRun.Measure
  private let model: Running
  private let device: Running?
  private let other: Running?

  /// A model with the execution that belongs to the thread.
  private struct Running {
    let execution: any ModelExecution
    let subject: EvaluationRun.Subject

    init(_ subject: EvaluationRun.Subject, thread: Int) {
      self.subject = subject
      execution = subject.executions[thread]
    }

    /// Samples do not follow each other: none sees what another left in the model's states.
    func outputs(_ sample: Int) throws -> [Tensor] {
      let inputs = try subject.inputs(sample)
      execution.reset()
      return try execution.run(inputs).outputs.map(\.tensor)
    }
  }

  /// What one sample contributes.
  struct Evidence: Sendable {
    var model: [Double] = []
    var device: [Double]?
    var other: [Double]?
    /// In the order of `EvaluationMachine.nearness`.
    var nearness: [[Double]] = []
    /// Whether the device gave the same bits.
    var isEqual = true
  }

  init(
    _ measure: EvaluationRun.Measure, _ model: EvaluationRun.Subject,
    _ device: EvaluationRun.Subject?, _ other: EvaluationRun.Subject?, thread: Int
  ) {
    self.measure = measure
    self.model = Running(model, thread: thread)
    self.device = device.map { Running($0, thread: thread) }
    self.other = other.map { Running($0, thread: thread) }
  }

  func evidence(of sample: Int) throws -> Evidence {
    let outputs = try model.outputs(sample)
    let others = try other?.outputs(sample)
    let selected = others.flatMap { others in other.map { others[$0.subject.output] } }
    let labels = measure.truth?.labels(of: sample) ?? []
    func answer(_ outputs: [Tensor], _ subject: EvaluationRun.Subject, _ expected: [Tensor])
      -> Answer
    {
      Answer(
        outputs, selected: subject.output, expected: expected, threshold: measure.threshold)
    }
    let near = selected.map { answer(outputs, model.subject, [$0]) }
    let isLabelled = measure.metric.reference == .labels
    let expected = isLabelled ? labels : selected.map { [$0] } ?? []
    var evidence = Evidence()
    evidence.model = try measure.metric.evidence(of: answer(outputs, model.subject, expected))
    evidence.nearness =
      try near.map { near in
        try Self.nearness.map { try $0.evidence(of: near) }
      } ?? []
    if isLabelled, let others, let other {
      evidence.other = try measure.metric.evidence(of: answer(others, other.subject, labels))
    }
    if let device {
      let found = try device.outputs(sample)
      evidence.isEqual = found.map(\.data) == outputs.map(\.data)
      evidence.device = try measure.metric.evidence(of: answer(found, device.subject, expected))
    }
    return evidence
  }
}
