import Evaluation
import GraphIR
import Operators
import Passes
import Support
import Tensors

/// How far the outputs of a network are from those of real numbers once it is quantized, as its plan says and
/// each weight to the nearest.
///
/// What a last softmax or logistic function reads counts instead of what it gives.
struct OutputNoise {
  private let context: MethodContext
  private let inputs: [[Tensor]]
  /// By sample and output.
  private let expected: [[[Float]]]
  /// At most so many samples are run, spread evenly over all there are.
  private static let sampleLimit = 8

  /// Computes the outputs of a network of real numbers.
  init(_ graph: Graph, _ context: MethodContext) throws {
    let (count, all) = (min(Self.sampleLimit, context.inputs.count), context.inputs.count)
    let inputs = try (0..<count).map { try context.inputs.at($0 * all / count) }
    self.inputs = inputs
    self.context = MethodContext(
      plan: context.plan, inputs: Calibration.Inputs(count: count) { inputs[$0] },
      ranges: context.ranges, workers: context.workers)
    expected = try Self.outputs(of: graph.endingBeforeProbabilities, inputs, context.workers)
  }

  /// The power of the difference, by that of the outputs; the sum of all outputs.
  ///
  /// - Parameter graph: of real numbers, which computes what the other one does.
  func power(of graph: Graph) throws -> Double {
    let model = try QuantizedModel(graph.endingBeforeProbabilities, context)
    let found = try Self.outputs(of: model.quantizedGraph(), inputs, context.workers)
    let count = expected.first?.count ?? 0
    let power = (0..<count).reduce(0.0) { sum, output in
      var (signal, noise) = (0.0, 0.0)
      for (numbers, others) in zip(expected, found) {
        for (number, other) in zip(numbers[output], others[output]) {
          signal += Double(number) * Double(number)
          noise += Double(number - other) * Double(number - other)
        }
      }
      return sum + (noise == 0 ? 0 : noise / signal)
    }
    return power.isFinite ? power : .infinity
  }

  private static func outputs(
    of graph: Graph, _ inputs: [[Tensor]], _ workers: Workers
  ) throws -> [[[Float]]] {
    let evaluator = try Evaluator(graph)
    return try inputs.map { tensors in
      evaluator.reset()
      try evaluator.run(tensors, workers: workers)
      return graph.outputs.map { evaluator.value($0).realNumbers.map { Float($0) } }
    }
  }
}

extension Graph {
  /// The graph with scores for outputs where it has probabilities.
  fileprivate var endingBeforeProbabilities: Graph {
    var graph = self
    graph.setOutputs(
      outputs.map { output in
        guard let node = producer(of: output) else { return output }
        let isProbability = nodes[node].op is Softmax || nodes[node].op is Logistic
        return isProbability ? input(of: node) : output
      })
    return graph
  }
}
