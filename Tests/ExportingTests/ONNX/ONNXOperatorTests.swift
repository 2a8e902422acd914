import Evaluation
import Exporting
import GraphIR
import Importing
import Operators
import Support
import TestSupport
import Tensors
import Testing

/// Every operator as a graph of its own, written and read again.
struct ONNXOperatorTests {
  /// Those that the standard has nothing for; some only in the forms that their examples show.
  private static let withoutCounterpart: Set<String> = [
    "basic_lstm", "bidirectional_lstm", "bidirectional_rnn", "bitcast", "broadcast_shape",
    "deformable_patches", "detection_post_process", "left_shift", "lstm", "right_shift", "rnn",
    "round_in_blocks", "svdf",
  ]

  @Test(arguments: Operators.all.all.map { $0.name })
  func whatIsReadAgainDoesWhatExamplesSay(name: String) throws {
    for (number, example) in try #require(Operators.all[name]).examples.enumerated() {
      do {
        let distance = try distance(example, inputs: example.operands.count)
        #expect(distance <= Self.allowed(example), "example \(number) of `\(name)`")
      } catch let problem {
        let ids = Diagnostics(of: problem).all.map(\.message.id)
        #expect(ids == ["onnx-no-counterpart"], "example \(number) of `\(name)`: \(problem)")
        #expect(Self.withoutCounterpart.contains(name), "`\(name)` had a counterpart")
      }
    }
  }

  /// Floats may be added in another order; integers come of a different arithmetic, and may be off by a step.
  private static func allowed(_ example: Example) -> Double {
    let isQuantized = example.results.contains { $0.type.quantization != nil }
    return isQuantized ? 1 : example.results.contains { $0.type.element.isFloat } ? 1e-6 : 0
  }

  /// What differences are measured by besides the results: of products whose sum cancels, and that a single row of
  /// operands adds in an order of its own, the products.
  private static func range(_ example: Example) -> Double {
    guard (example.op as? FullyConnected)?.fusesProducts ?? false else { return 0 }
    return example.operands.flatMap(\.storedNumbers).map(abs).max() ?? 0
  }

  /// - Parameter inputs: how many operands are inputs; the others are constants.
  private func distance(_ example: Example, inputs: Int) throws -> Double {
    let graph = try Self.graph(example, inputs: inputs)
    do {
      let back = try graph.throughONNX()
      #expect(back.verify().isEmpty)
      let results = try back.evaluate(Array(example.operands.prefix(inputs)))
      return largestDistance(example.results, results, range: Self.range(example))
    } catch let problems as Diagnostics
      where problems.all.map(\.message.id) == ["depends-on-values"] && inputs > 0
    {
      // Such operators are read where their operands are known.
      return try distance(example, inputs: 0)
    }
  }

  private static func graph(_ example: Example, inputs: Int) throws -> Graph {
    var graph = Graph(name: "example")
    let operands = example.operands.enumerated().map { position, operand in
      position < inputs
        ? graph.addInput("x\(position)", operand.type)
        : graph.addConstant("x\(position)", operand.type, operand.data)
    }
    let results = try graph.insert(example.op, operands, results: example.results.map(\.type))
    for (position, result) in results.enumerated() {
      graph.rename(result, "y\(position)", sourceIndex: nil)
    }
    graph.setOutputs(results)
    return graph
  }
}
