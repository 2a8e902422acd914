import Evaluation
import Foundation
import GraphIR
import Operators
import Quantization
import Support
import Tensors

/// Small networks of real numbers.
enum Networks {
  /// Convolution, pool, fully connected layer, softmax.
  static let classifier = """
    graph classifier(%x: f32[1, 8, 8, 4]) {
      %w1 = constant(random(1)) : f32[8, 3, 3, 4]
      %b1 = constant(random(2)) : f32[8]
      %w2 = constant(random(3)) : f32[10, 128]
      %b2 = constant(random(4)) : f32[10]
      %conv = conv2d(%x, %w1, %b1) {clamp: [0, null], padding: "same"} : f32[1, 8, 8, 8] from A 0
      %pool = max_pool2d(%conv) {kernel: [2, 2], stride: [2, 2]} : f32[1, 4, 4, 8] from B 1
      %flat = reshape(%pool) {shape: [1, 128]} : f32[1, 128] from C 2
      %dense = fully_connected(%flat, %w2, %b2) : f32[1, 10] from D 3
      %y = softmax(%dense) {beta: 0.02} : f32[1, 10] from E 4
      return %y
    }
    """

  /// A sum of an image with what a convolution makes of it, and its mean.
  static let residual = """
    graph residual(%x: f32[1, 6, 6, 8]) {
      %w1 = constant(random(1)) : f32[8, 1, 1, 8]
      %b1 = constant(random(2)) : f32[8]
      %w2 = constant(random(3)) : f32[1, 3, 3, 8]
      %b2 = constant(random(4)) : f32[8]
      %first = conv2d(%x, %w1, %b1) {clamp: [0, 6]} : f32[1, 6, 6, 8] from A 0
      %second = depthwise_conv2d(%first, %w2, %b2) {padding: "same"} : f32[1, 6, 6, 8] from B 1
      %sum = add(%first, %second) : f32[1, 6, 6, 8] from C 2
      %y = average_pool2d(%sum) {kernel: [6, 6]} : f32[1, 1, 1, 8] from D 3
      return %y
    }
    """

  /// Two branches side by side, in another layout.
  static let branches = """
    graph branches(%x: f32[1, 4, 4, 4]) {
      %w1 = constant(random(1)) : f32[4, 3, 3, 4]
      %b1 = constant(random(2)) : f32[4]
      %w2 = constant(random(3)) : f32[4, 1, 1, 4]
      %b2 = constant(random(4)) : f32[4]
      %w3 = constant(random(5)) : f32[6, 128]
      %b3 = constant(random(6)) : f32[6]
      %left = conv2d(%x, %w1, %b1) {padding: "same"} : f32[1, 4, 4, 4] from A 0
      %right = conv2d(%x, %w2, %b2) : f32[1, 4, 4, 4] from B 1
      %both = concatenation(%left, %right) {axis: 3} : f32[1, 4, 4, 8] from C 2
      %turned = transpose(%both) {permutation: [0, 3, 1, 2]} : f32[1, 8, 4, 4] from D 3
      %flat = reshape(%turned) {shape: [1, 128]} : f32[1, 128] from E 4
      %y = fully_connected(%flat, %w3, %b3) : f32[1, 6] from F 5
      return %y
    }
    """

  static let all = [classifier, residual, branches]
}

extension Graph {
  /// A text form of a graph, read and verified.
  static func parsed(_ text: String) throws -> Graph {
    let graph = try GraphParser(text, operators: Operators.all).graph
    try Diagnostics(graph.verify()).throwIfErrors()
    return graph
  }

  /// Seeded samples of the graph's inputs.
  func samples(_ count: Int = 4) -> Calibration.Inputs {
    let types = types(of: inputs)
    return Calibration.Inputs(count: count) { index in
      types.enumerated().map { Tensor.random($1, seed: UInt64(100 * index + $0)) }
    }
  }

  /// The value of a name; nil if there is none.
  func value(named name: String) -> ValueID? {
    values.ids.first { values[$0].name == name }
  }

  /// The quantization of the value of a name.
  func quantization(of name: String) -> Quantization? {
    value(named: name).flatMap { values[$0].type.quantization }
  }

  /// How many nodes there are of an operator.
  func count(of kind: String) -> Int { order.count { nodes[$0].kind == kind } }
}

extension QuantizedModel {
  /// A network under a scheme and rules, both as users write them.
  init(
    _ text: String, _ scheme: String, rules: [(pattern: String, scheme: String)] = [],
    workers: Workers = .one
  ) throws {
    let graph = try Graph.parsed(text)
    let rules = try rules.map {
      QuantizationPlan.Rule($0.pattern, try QuantizationScheme($0.scheme))
    }
    let plan = QuantizationPlan(try QuantizationScheme(scheme), rules: rules)
    try self.init(
      graph,
      MethodContext(plan: plan, inputs: graph.samples(), ranges: .minMax, workers: workers))
  }
}

/// By how much the power of a graph's outputs is above that of their differences from another's, in decibels.
///
/// Integers among the inputs and outputs of `found` stand for real numbers.
func signalToNoise(_ found: Graph, _ expected: Graph) throws -> Double {
  var (signal, noise) = (0.0, 0.0)
  let samples = expected.samples()
  for index in 0..<samples.count {
    let inputs = try samples.at(index)
    let stored = zip(inputs, found.types(of: found.inputs)).map { $0.stored(as: $1) }
    for (a, b) in zip(try found.evaluate(stored), try expected.evaluate(inputs)) {
      for (x, y) in zip(a.realNumbers, b.realNumbers) {
        signal += y * y
        noise += (x - y) * (x - y)
      }
    }
  }
  return noise == 0 ? .infinity : 10 * log10(signal / noise)
}

extension Tensor {
  /// The numbers as integers of a type, each the nearest; as they are where they stay real.
  func stored(as type: TensorType) -> Tensor {
    guard let quantization = type.quantization, let range = type.element.integerRange else {
      return self
    }
    let numbers = realNumbers.map { number in
      let level = (number / Double(quantization.scale)).rounded() + Double(quantization.zeroPoint)
      return min(max(level, Double(range.lowerBound)), Double(range.upperBound))
    }
    return Tensor(type, numbers: numbers)
  }
}

/// The id of the diagnostic that `body` throws; nil if it throws none.
func diagnosticID<Result>(of body: () throws -> Result) -> String? {
  do {
    _ = try body()
    return nil
  } catch let diagnostic as Diagnostic {
    return diagnostic.message.id
  } catch { return "\(error)" }
}
