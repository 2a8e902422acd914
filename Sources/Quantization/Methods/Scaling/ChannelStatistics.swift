import Evaluation
import GraphIR
import Tensors

/// What is seen of each channel of a value on samples.
struct ChannelStatistics {
  /// The least and the largest number of each channel, and 0.
  private(set) var lower: [Float]
  private(set) var upper: [Float]
  /// The mean of the squares of each channel's numbers.
  private(set) var meanSquares: [Double]
  private var count = 0

  private init(channels: Int) {
    lower = [Float](repeating: 0, count: channels)
    upper = lower
    meanSquares = [Double](repeating: 0, count: channels)
  }

  /// By how much each channel's numbers vary.
  var widths: [Double] { zip(lower, upper).map { Double($1) - Double($0) } }

  /// Multiplies all that was seen of each channel by a positive number.
  mutating func scale(by factors: [Double]) {
    for channel in factors.indices {
      lower[channel] = Float(Double(lower[channel]) * factors[channel])
      upper[channel] = Float(Double(upper[channel]) * factors[channel])
      meanSquares[channel] *= factors[channel] * factors[channel]
    }
  }

  /// Runs a graph on the samples and observes values, whose channels are their last axis.
  static func observing(
    _ values: [ValueID], of graph: Graph, _ context: MethodContext
  ) throws -> [ValueID: ChannelStatistics] {
    var graph = graph
    graph.setOutputs(values)
    // Nodes behind the last of them need not run.
    _ = try Pass.eliminateDeadNodes.run(&graph)
    let evaluator = try Evaluator(graph)
    var found = values.map { Self(channels: graph.values[$0].type.shape.extents.last ?? 1) }
    for index in 0..<context.inputs.count {
      evaluator.reset()
      try evaluator.run(context.inputs.at(index), workers: context.workers)
      for (position, value) in values.enumerated() {
        found[position].observe(evaluator.bytes(of: value).bindMemory(to: Float.self))
      }
      context.progress()
    }
    for position in found.indices { found[position].finish() }
    return Dictionary(zip(values, found)) { first, _ in first }
  }

  private mutating func observe(_ numbers: UnsafeBufferPointer<Float>) {
    let channels = lower.count
    guard channels > 0 else { return }
    lower.withUnsafeMutableBufferPointer { lower in
      upper.withUnsafeMutableBufferPointer { upper in
        meanSquares.withUnsafeMutableBufferPointer { sums in
          for row in stride(from: 0, to: numbers.count, by: channels) {
            for channel in 0..<channels {
              let number = numbers[row + channel]
              // What is not a number changes nothing here; calibration tells of it.
              lower[channel] = number < lower[channel] ? number : lower[channel]
              upper[channel] = number > upper[channel] ? number : upper[channel]
              sums[channel] += Double(number) * Double(number)
            }
          }
        }
      }
    }
    count += numbers.count / channels
  }

  private mutating func finish() {
    meanSquares = meanSquares.map { $0 / Double(max(1, count)) }
  }
}
