import Evaluation
import Foundation
import GraphIR
import Passes
import Quantization
import Support

/// By how many points accuracy drops when a classifier is quantized.
///
/// With labels it is counted. Without, the probabilities of the network of real numbers tell what the other answers are worth:
/// an answer that it held nearly as likely as its own costs nearly nothing.
struct AccuracyDrop {
  private let samples: Samples
  /// For each sample what an answer is worth, by its class.
  private let worth: [[Double]]
  private let best: Double
  private let threads: Int

  /// Runs the network of real numbers.
  init(_ work: QuantizationWork, _ options: MixedArguments) throws {
    threads = work.command.threads
    let samples =
      options.data.isEmpty
      ? work.samples
      : try work.command.samples.preparation.samples(
        of: options.data, for: work.graph, hasLimit: false)
    self.samples = samples
    let labels =
      try options.labels.map { try Labels($0, for: samples).classes }
      ?? samples.labels?.classes
    let scores = try Self.scores(of: work.graph, samples, threads)
    if let labels, let scores = scores.first {
      try locating(in: Diagnostic.Place(file: options.labels)) {
        try Self.check(labels, classes: scores.count)
      }
    }
    worth = scores.enumerated().map { index, scores in
      guard let labels else { return Self.probabilities(scores) }
      return scores.indices.map { $0 == labels[index] ? 1 : 0 }
    }
    best = Self.mean(worth, of: scores)
  }

  private static func check(_ labels: [Int], classes: Int) throws {
    guard let label = labels.first(where: { $0 >= classes }) else { return }
    throw Diagnostic(
      .labelRange(label, classes), help: "labels count classes from 0 in the order of the output")
  }

  /// The drop under a quantized network, in points; below zero if it answers better.
  func drop(under model: QuantizedModel) throws -> Double {
    var graph = try model.quantizedGraph()
    try Pipeline.standard.run(on: &graph)
    return 100 * (best - Self.mean(worth, of: try Self.scores(of: graph, samples, threads)))
  }

  private static func mean(_ worth: [[Double]], of scores: [[Double]]) -> Double {
    let sum = zip(worth, scores).reduce(0.0) { sum, pair in
      let answer = pair.1.indices.max { (pair.1[$0], -$0) < (pair.1[$1], -$1) }
      return sum + (answer.map { pair.0[$0] } ?? 0)
    }
    return sum / Double(max(1, scores.count))
  }

  /// Scores as they are if they are probabilities already, else their softmax.
  private static func probabilities(_ scores: [Double]) -> [Double] {
    let sum = scores.reduce(0, +)
    if scores.allSatisfy({ (0...1).contains($0) }), abs(sum - 1) < 1e-3 { return scores }
    let largest = scores.max() ?? 0
    let powers = scores.map { exp($0 - largest) }
    let total = powers.reduce(0, +)
    return powers.map { $0 / total }
  }

  /// The first output, for each sample.
  private static func scores(
    of graph: Graph, _ samples: Samples, _ threads: Int
  ) throws -> [[Double]] {
    let evaluator = try Evaluator(graph)
    return try (0..<samples.count).map { index in
      evaluator.reset()
      try evaluator.run(samples.inputs(at: index), workers: Workers(count: threads))
      return evaluator.value(graph.outputs[0]).realNumbers
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func labelRange(_ label: Int, _ classes: Int) -> Self {
    Self(
      id: "label-range", .malformed,
      "a label is \(label), but the first output has \(classes) classes")
  }
}
