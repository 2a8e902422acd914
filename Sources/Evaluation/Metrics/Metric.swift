import Support
import Tensors

/// What is measured of a model's outputs. Each metric stands in a file of its own, and `all` names it.
public struct Metric: Sendable {
  /// The name by which users choose it, in kebab case.
  public let name: String
  /// What it tells, in a few words, for the help.
  public let summary: String
  /// What outputs are compared with.
  public let reference: Reference
  /// What the figure is, and so how it is shown.
  public let unit: Unit
  private let evidence: @Sendable (Answer) throws -> [Double]
  private let figure: @Sendable ([[Double]]) -> Double?

  /// What outputs are compared with.
  public enum Reference: Sendable {
    /// What is known of each sample.
    case labels
    /// What another model gives for the same sample.
    case otherModel
  }

  /// The kinds of figures.
  public enum Unit: String, Codable, Sendable {
    /// The share of samples on which something holds, from 0 to 1.
    case hits
    /// Another share, from 0 to 1.
    case share
    /// A ratio of powers, `10 · log10(ratio)`.
    case decibels
    /// From −1 to 1; 1 for vectors of the same direction.
    case cosine
    /// In the unit of the outputs; the smaller, the better.
    case error
  }

  /// - Parameters:
  ///   - name: in kebab case.
  ///   - summary: in lower case, without a period.
  ///   - evidence: what one sample contributes, in numbers that `figure` understands; of `hits` a 1 or a 0.
  ///     It throws a `Diagnostic` where the output or what it is compared with is not of the form that the metric takes.
  ///   - figure: the figure, from what the samples contribute in their order; nil if they say nothing.
  public init(
    _ name: String, _ summary: String, against reference: Reference, in unit: Unit,
    evidence: @escaping @Sendable (Answer) throws -> [Double],
    figure: @escaping @Sendable (_ evidence: [[Double]]) -> Double?
  ) {
    self.name = name
    self.summary = summary
    self.reference = reference
    self.unit = unit
    self.evidence = evidence
    self.figure = figure
  }

  /// A metric that holds on a sample or does not; its figure is the share of samples on which it does.
  public static func hits(
    _ name: String, _ summary: String, against reference: Reference = .labels,
    _ holds: @escaping @Sendable (Answer) throws -> Bool
  ) -> Metric {
    Metric(name, summary, against: reference, in: .hits) {
      [try holds($0) ? 1 : 0]
    } figure: { evidence in
      evidence.isEmpty ? nil : evidence.reduce(0) { $0 + $1[0] } / Double(evidence.count)
    }
  }

  /// What one sample contributes to the score.
  ///
  /// - Throws: a `Diagnostic` if the metric does not fit the output, or what it is compared with.
  public func evidence(of answer: Answer) throws -> [Double] { try evidence(answer) }

  /// The score of samples, from what each contributes in their order.
  public func score(_ evidence: [[Double]]) -> Score {
    Score(metric: self, evidence: evidence, value: figure(evidence))
  }
}

extension Metric {
  /// All that can be asked for, those of classifiers first.
  public static let all: [Metric] = [
    top1, top5, binary, meanError, iou, meanIoU, map, sqnr, cosine, agreement,
  ]

  /// The metric of this name; nil if there is none.
  public static func named(_ name: String) -> Metric? {
    // What is measured is known by both names.
    all.first { $0.name == (name == "detection" ? map.name : name) }
  }
}

/// A model's outputs for one sample, and what they are compared with.
public struct Answer: Sendable {
  /// In the order of the model.
  public let outputs: [Tensor]
  /// The position of the output that is measured, for metrics of one output.
  public let selected: Int
  /// The labels of the sample, or the outputs of the other model.
  public let expected: [Tensor]
  /// Above which a score means that something is there.
  public let threshold: Double

  /// - Precondition: there is an output at the position `selected`.
  public init(_ outputs: [Tensor], selected: Int = 0, expected: [Tensor], threshold: Double = 0) {
    precondition(outputs.indices.contains(selected), "the output that is measured exists")
    self.outputs = outputs
    self.selected = selected
    self.expected = expected
    self.threshold = threshold
  }

  /// The output that is measured.
  public var output: Tensor { outputs[selected] }

  /// The output that is measured as real numbers, and those that the other model gives in its place.
  ///
  /// - Throws: a `Diagnostic` if there are not as many.
  func realPair() throws -> (found: [Double], expected: [Double]) {
    guard let other = expected.first, other.type.elementCount == output.type.elementCount else {
      throw Diagnostic(
        .outputsDiffer(output.type, expected.first?.type),
        help: "compare models of the same task, and choose outputs with `--output`")
    }
    return (output.realNumbers, other.realNumbers)
  }

  /// The sample's label, where that is one integer.
  func label() throws -> Int {
    guard expected.count == 1, expected[0].type.elementCount == 1, !expected[0].type.element.isFloat
    else {
      throw Diagnostic(
        .labelForm(expected.map(\.type)), help: "give an array of integers with one axis")
    }
    return Int(ofClass: expected[0].storedNumbers[0])
  }
}

extension Int {
  /// The class that a number stands for; −1, which is none, for what is no number or beyond all classes.
  package init(ofClass number: Double) { self = Int(exactly: number.rounded()) ?? -1 }
}

extension Diagnostic.Message {
  fileprivate static func outputsDiffer(_ found: TensorType, _ other: TensorType?) -> Self {
    Self(
      id: "outputs-differ", .malformed,
      "an output of \(found.shape) cannot be compared with the other model's, which is "
        + (other.map { "\($0.shape)" } ?? "not there"))
  }

  fileprivate static func labelForm(_ found: [TensorType]) -> Self {
    let form = found.map { "\($0.element.rawValue)\($0.shape)" }.joined(separator: ", ")
    return Self(
      id: "label-form", .malformed,
      "the label of a sample is \(form.isEmpty ? "missing" : form), expected one integer")
  }
}
