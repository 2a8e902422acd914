import Evaluation
import Foundation
import GraphIR
import Simulation
import Support
import Tensors

/// How often a classifier's largest output is the right class.
public struct Accuracy: Encodable, Hashable, Sendable {
  /// By which readers of the JSON know its form; the number grows when fields change their meaning.
  public let schema = "dovetail.accuracy/1"
  /// What is counted as correct: the largest output is that of the right class.
  public let metric = "top1"
  /// How many were run.
  public let samples: Int
  /// How many of them were classified right.
  public let correct: Int

  private enum CodingKeys: String, CodingKey { case schema, metric, samples, correct }

  /// `correct / samples`, from 0 to 1.
  public var fraction: Double { proportion.fraction }

  /// The 95 % interval of the true fraction.
  public var interval: ClosedRange<Double> { proportion.interval }

  private var proportion: Proportion { Proportion(correct, of: samples) }

  /// Runs `execution` on every sample.
  ///
  /// - Parameters:
  ///   - graph: the model, which has one input.
  ///   - data: samples along the first axis.
  ///   - labels: for each sample the index of the right class.
  ///   - progress: makes what is told about each sample, of their number.
  /// - Throws: a `Diagnostic` if the model has several inputs, or samples or labels do not fit.
  public init(
    of execution: any ModelExecution, _ graph: Graph, data: Tensor, labels: Tensor,
    progress: (_ samples: Int) -> ProgressLine = { _ in .silent }
  ) throws {
    let samples = try Self.samples(data, graph)
    let classes = labels.storedNumbers.map { Int(ofClass: $0) }
    guard classes.count == samples.count else {
      throw Diagnostic(.labelCount(classes.count, samples.count))
    }
    let progress = progress(samples.count)
    defer { progress.finish() }
    var correct = 0
    for (sample, label) in zip(samples, classes) {
      // Samples do not follow each other: none sees what another left in the model's states.
      execution.reset()
      let output = try execution.run([sample]).outputs[0].tensor.storedNumbers
      // Of several equal largest values the first counts.
      let best = output.indices.max { (output[$0], -$0) < (output[$1], -$1) }
      if best == label { correct += 1 }
      progress.advance()
    }
    self.samples = samples.count
    self.correct = correct
  }

  /// Each sample in the shape of the model's input, which may have a batch axis that samples lack.
  private static func samples(_ data: Tensor, _ graph: Graph) throws -> [Tensor] {
    guard graph.inputs.count == 1, let input = graph.inputs.first.map({ graph.values[$0] }) else {
      throw Diagnostic(.severalInputs(graph.inputs.count))
    }
    let count = data.type.shape.extents.first ?? 0
    guard count > 0, data.type.element == input.type.element,
      data.type.elementCount == count * input.type.elementCount
    else {
      throw Diagnostic(
        .sampleType(data.type, input.type), help: "the first axis of the data counts the samples")
    }
    return (0..<count).map { Tensor(input.type, at: $0, of: data.data.bytes) }
  }

  /// `top1 92.00 % (276 of 300; 95 % interval 88.4 % to 94.6 %)`.
  public var text: String { "\(metric) \(Figures.accuracy(proportion))" }
}

extension Figures {
  /// `92.00 % (276 of 300; 95 % interval 88.4 % to 94.6 %)`.
  static func accuracy(_ proportion: Proportion) -> String {
    let interval = proportion.interval
    let range = "\(percent(interval.lowerBound)) to \(percent(interval.upperBound))"
    let share = String(format: "%.2f %%", proportion.fraction * 100)
    return "\(share) (\(proportion.count) of \(proportion.samples); 95 % interval \(range))"
  }
}

extension Diagnostic.Message {
  fileprivate static func labelCount(_ labels: Int, _ samples: Int) -> Self {
    Self(id: "label-count", .malformed, "there are \(labels) labels for \(samples) samples")
  }

  fileprivate static func severalInputs(_ count: Int) -> Self {
    Self(id: "several-inputs", .unsupported, "a model with \(count) inputs cannot be evaluated")
  }

  fileprivate static func sampleType(_ found: TensorType, _ expected: TensorType) -> Self {
    Self(
      id: "sample-type", .malformed,
      "data of \(found.element.rawValue)\(found.shape) are no samples for an input of "
        + "\(expected.element.rawValue)\(expected.shape)")
  }
}
