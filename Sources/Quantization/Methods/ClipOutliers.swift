import Evaluation
import GraphIR
import Tensors

extension QuantizationMethod {
  /// Clips scores far below 0 that leave the network, where most scores are near 0.
  ///
  /// Detectors give a score for each of many places, whose logistic function is the probability that
  /// something is there. For places that are like nothing in training it may be −10,000, and one range from
  /// there to the largest score has no steps left where decisions are made. Below −16 the logistic function
  /// is 0 but for the last digit of single precision, `σ(−16) = 1.1e−7`, and beside a positive score a
  /// softmax has no more of it. So an output is clipped there if it looks like such scores: nine numbers in
  /// ten lie within −16…16, none above, the middle one is negative, and some lie below −32. Outputs whose
  /// scale follows from their operator stay as they are, and so do those that share it with values that a
  /// layer computes with.
  ///
  /// What is lost is how impossible the impossible is, so that SQNR over all scores falls, and what a network
  /// with such numbers that are no scores says of its least ones.
  ///
  /// Measured on the data of `Scripts/benchmark quantization --networks face` with int8, accuracy of the face
  /// detector in % without and with it, of 98.5 with real numbers: 96.0 and 98.0 (ranges by `min-max`), 97.0
  /// and 98.5 (`percentile:99.99`), 96.5 and 98.5 (`percentile:99.9`), 94.5 and 98.0 (`mse`); SQNR of the
  /// scores, clipped at ±100, in dB 5.2 and 2.5 (`min-max`). The keyword spotter, ResNet-8, MNIST and VWW
  /// have no such outputs, and keep every bit.
  ///
  /// Source: for scores that a decoder clips before their logistic function, MediaPipe's `TensorsToDetectionsCalculator`
  /// (`score_clipping_thresh`), there at ±100.
  public static let clipOutliers = QuantizationMethod(
    "clip-outliers",
    "scores that leave the network are clipped where they are as good as impossible",
    .stored { model, context in
      let scores = try ScoreOutputs(model, context)
      guard !scores.groups.isEmpty else { return }
      for group in scores.groups {
        guard let range = model.ranges[group] else { continue }
        model.ranges[group] = max(range.lowerBound, -ScoreOutputs.reach)...range.upperBound
      }
      try model.storeWeights()
    })
}

/// The outputs of a network that look like logarithms of odds.
struct ScoreOutputs {
  /// Where the logistic function is 0 or 1 to the last digit of single precision.
  static let reach: Float = 16
  /// Part of the numbers that must lie within reach.
  private static let leastShare = 0.9
  /// The groups of values that such outputs belong to.
  private(set) var groups: [ValueID] = []

  /// Runs all samples, in the memory of a histogram for each output that may be one.
  ///
  /// - Throws: what running a sample does.
  init(_ model: QuantizedModel, _ context: MethodContext) throws {
    let outputs = model.graph.outputs.filter(model.mayBeClipped)
    guard !outputs.isEmpty else { return }
    let evaluator = try Evaluator(model.graph, keeping: .everything)
    var counts = outputs.map { _ in ScoreCounts() }
    for index in 0..<context.inputs.count {
      evaluator.reset()
      try evaluator.run(context.inputs.at(index), workers: context.workers)
      for (place, output) in outputs.enumerated() {
        counts[place].add(evaluator.bytes(of: output).bindMemory(to: Float.self))
      }
      context.progress()
    }
    groups = zip(outputs, counts).filter { $1.areScores(within: Self.reach, Self.leastShare) }
      .map { model.forms.groups[$0.0] ?? $0.0 }
  }
}

/// How many of an output's numbers lie where.
private struct ScoreCounts {
  private var all = 0
  private var negative = 0
  private var near = 0
  private var least: Float = 0
  private var largest: Float = 0

  mutating func add(_ numbers: UnsafeBufferPointer<Float>) {
    all += numbers.count
    for number in numbers {
      if number < 0 { negative += 1 }
      if abs(number) <= ScoreOutputs.reach { near += 1 }
      least = min(least, number)
      largest = max(largest, number)
    }
  }

  func areScores(within reach: Float, _ leastShare: Double) -> Bool {
    least < -2 * reach && largest <= reach && 2 * negative > all
      && Double(near) >= leastShare * Double(all)
  }
}

extension QuantizedModel {
  /// Whether an output shares its scale with nothing that a layer computes with.
  fileprivate func mayBeClipped(_ output: ValueID) -> Bool {
    guard let group = forms.groups[output], ranges[group] != nil,
      forms.fixedQuantization(of: output) == nil
    else { return false }
    return forms.groups.allSatisfy { value, other in
      other != group
        || graph.values[value].uses.allSatisfy { graph.role(of: $0.node) == .choosing }
    }
  }
}
