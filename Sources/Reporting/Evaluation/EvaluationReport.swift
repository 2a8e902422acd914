import Evaluation
import Hardware

/// What an evaluation found: the JSON of `dovetail evaluate`.
public struct EvaluationReport: Encodable, Sendable {
  /// By which readers of the JSON know its form; what only counts the hits of one classifier keeps the older name.
  public let schema: String
  /// What was measured.
  public let metric: String
  /// What the metric's figure is.
  public let unit: Metric.Unit
  /// How many were run.
  public let samples: Int
  /// Whether they are noise, which tells nothing about accuracy.
  public let isNoise: Bool
  /// The name of the output that was measured.
  public let output: String
  /// The model that is judged.
  public let model: Profile.ModelReference
  /// The figures of the model; on the target, where nothing is said of the CPU.
  public let result: Figures
  /// The target that it was simulated on; left out without one.
  public private(set) var target: Target?
  /// The model that it is compared with; left out without one.
  public private(set) var against: Other?
  /// The layers; left out where that was not asked for.
  public var layerAccuracy: LayerAccuracyReport?

  /// A metric's figure for one model.
  public struct Figures: Encodable, Hashable, Sendable {
    /// On how many samples the metric holds; left out for metrics of another kind.
    public let correct: Int?
    /// In the metric's unit; null where the samples say nothing, and for decibels where there is no noise.
    @ExplicitNull public var value: Double?
    /// The 95 % interval of the true value; left out where none is known.
    public let interval: Interval?
  }

  /// From a lower end to an upper one.
  public struct Interval: Codable, Hashable, Sendable {
    /// Not above `upper`.
    public let lower: Double
    /// Not below `lower`.
    public let upper: Double
  }

  /// The simulated target.
  public struct Target: Encodable, Sendable {
    /// Which description of a target the program was made for.
    public let reference: Profile.TargetReference
    /// The figures on the target; left out where they are those of the result.
    public let result: Figures?
    /// On how many samples the simulation gives other bits than the CPU; left out where both were not run.
    public let differingSamples: Int?
  }

  /// The model that is compared with.
  public struct Other: Encodable, Sendable {
    /// By name and by content.
    public let model: Profile.ModelReference
    /// The name of its output that was measured.
    public let output: String
    /// The same metric; left out where it compares both models.
    public let result: Figures?
    /// What the model loses or gains; left out where the metric is no share.
    public let drop: Drop?
    /// Signal to noise of the model's output, in dB, its own output being the signal; null where both are equal.
    @ExplicitNull public var sqnrDecibels: Double?
    /// Of both outputs taken as vectors.
    @ExplicitNull public var cosine: Double?
    /// The share of samples on which both have their largest output at the same place.
    @ExplicitNull public var agreement: Double?
  }

  /// By how much the model is worse than the other one.
  public struct Drop: Encodable, Hashable, Sendable {
    /// In percentage points; less than 0 where the model is better.
    public let points: Double
    /// The 95 % interval of the true drop; left out, as are the counts, for metrics that are no counts of samples.
    public let interval: Interval?
    /// On how many samples the model alone is right.
    public let onlyModelCorrect: Int?
    /// On how many the other model alone is right.
    public let onlyOtherCorrect: Int?
  }

  private enum CodingKeys: String, CodingKey {
    case schema, metric, unit, samples, isNoise, output, model, target, against, layerAccuracy
  }

  /// The model's figures stand at the top.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(schema, forKey: .schema)
    try container.encode(metric, forKey: .metric)
    try container.encode(unit, forKey: .unit)
    try container.encode(samples, forKey: .samples)
    try container.encode(isNoise, forKey: .isNoise)
    try container.encode(output, forKey: .output)
    try container.encode(model, forKey: .model)
    try container.encodeIfPresent(target, forKey: .target)
    try container.encodeIfPresent(against, forKey: .against)
    try container.encodeIfPresent(layerAccuracy, forKey: .layerAccuracy)
    try result.encode(to: encoder)
  }
}

extension EvaluationReport {
  /// A model with the name of its output that was measured.
  public struct Subject: Sendable {
    let model: Profile.ModelReference
    let output: String

    /// - Parameters:
    ///   - name, format, sha256: of the model file.
    ///   - output: the name of the output that was measured.
    public init(name: String, format: String, sha256: String, output: String) {
      model = Profile.ModelReference(name: name, format: format, sha256: sha256)
      self.output = output
    }
  }

  /// - Parameter target: the one that the model was simulated on; nil if it only ran on the CPU.
  public init(
    _ run: EvaluationRun, of model: Subject, on target: Hardware.Target?, against other: Subject?,
    isNoise: Bool = false
  ) {
    let metric = run.model.metric
    let isPlain = metric.name == Metric.top1.name && other == nil
    schema = isPlain ? "dovetail.accuracy/1" : "dovetail.evaluation/1"
    self.metric = metric.name
    unit = metric.unit
    samples = run.samples
    self.isNoise = isNoise
    output = model.output
    self.model = model.model
    result = Figures(run.model)
    self.target = target.map {
      Target(
        reference: Profile.TargetReference($0), result: run.device.map(Figures.init),
        differingSamples: run.differing)
    }
    against = other.map { Other($0, run) }
  }
}

extension EvaluationReport.Figures {
  fileprivate init(_ score: Score) {
    let interval = score.proportion?.interval
    self.init(
      correct: score.proportion?.count, value: score.value,
      interval: interval.map(EvaluationReport.Interval.init))
  }
}

extension EvaluationReport.Interval {
  fileprivate init(_ range: ClosedRange<Double>) {
    self.init(lower: range.lowerBound, upper: range.upperBound)
  }
}

extension EvaluationReport.Other {
  fileprivate init(_ subject: EvaluationReport.Subject, _ run: EvaluationRun) {
    func value(_ metric: Metric) -> Double? {
      run.nearness.first { $0.metric.name == metric.name }?.value
    }
    self.init(
      model: subject.model, output: subject.output,
      result: run.other.map(EvaluationReport.Figures.init), drop: EvaluationReport.Drop(run),
      sqnrDecibels: value(.sqnr), cosine: value(.cosine), agreement: value(.agreement))
  }
}

extension EvaluationReport.Drop {
  /// Nil without another model, and for what is no share.
  fileprivate init?(_ run: EvaluationRun) {
    guard let other = run.other, [.hits, .share].contains(other.metric.unit),
      let found = run.model.value, let expected = other.value
    else { return nil }
    let paired = run.paired
    let interval = paired.map {
      EvaluationReport.Interval(
        lower: -100 * $0.interval.upperBound, upper: -100 * $0.interval.lowerBound)
    }
    let points = paired.map { -100 * $0.difference } ?? 100 * (expected - found)
    self.init(
      points: points, interval: interval, onlyModelCorrect: paired?.onlyFirst,
      onlyOtherCorrect: paired?.onlySecond)
  }
}
