import GraphIR
import Operators
import Support
import Tensors

/// All that is wrong with an operator, as far as its examples tell; empty if nothing is.
public func checkOperator(_ kind: any Operator.Type) throws -> [String] {
  guard !kind.examples.isEmpty else { return ["`\(kind.name)` has no examples"] }
  var found = defaultProblems(kind)
  for (number, example) in kind.examples.enumerated() {
    let check = ExampleCheck(example)
    found += try check.problems().map { "example \(number) of `\(kind.name)`: \($0)" }
  }
  return found
}

private func defaultProblems(_ kind: any Operator.Type) -> [String] {
  AnyHashable(kind.init()) == AnyHashable(kind.init()) ? [] : ["two defaults are not equal"]
}

/// The checks of one example.
private struct ExampleCheck {
  let example: Example
  let op: any Operator
  let operandTypes: [TensorType]
  let resultTypes: [TensorType]

  init(_ example: Example) {
    self.example = example
    op = example.op
    operandTypes = example.operands.map(\.type)
    resultTypes = example.results.map(\.type)
  }

  func problems() throws -> [String] {
    try typeProblems() + evaluationProblems() + textProblems() + hashProblems() + workProblems()
      + integerProblems()
  }

  private func typeProblems() throws -> [String] {
    let inferred = try op.resultTypes(operandTypes)
    let agree =
      inferred.count == resultTypes.count
      && zip(inferred, resultTypes).allSatisfy { $0.matches($1) }
    return agree ? [] : ["infers \(inferred), the example has \(resultTypes)"]
  }

  private func evaluationProblems() throws -> [String] {
    let found = try op.evaluate(example.operands, results: resultTypes)
    return zip(example.results, found).compactMap { difference($0, $1, relative: 1e-6) }
  }

  /// The operator, printed as part of a graph, must be read back equal.
  private func textProblems() throws -> [String] {
    var graph = Graph(name: "example")
    let inputs = operandTypes.enumerated().map { graph.addInput("x\($0)", $1) }
    graph.setOutputs(try graph.insert(op, inputs, results: resultTypes))
    let read = try GraphParser(graph.text(), operators: Operators.all).graph
    guard read == graph else { return [lineDifference(graph.text(), read.text())] }
    let copy = read.nodes[read.order[0]].op
    return AnyHashable(copy) == AnyHashable(op) ? [] : ["attributes change through text"]
  }

  private func hashProblems() -> [String] {
    let (a, b) = (AnyHashable(op), AnyHashable(op))
    return a == b && a.hashValue == b.hashValue ? [] : ["equal operators hash differently"]
  }

  private func workProblems() -> [String] {
    let work = op.work(operandTypes, resultTypes)
    guard work.macs >= 0, work.elementOperations >= 0 else { return ["its work is negative"] }
    guard let (operands, results) = twiceTheBatch() else { return [] }
    let double = op.work(operands, results)
    return double.macs == 2 * work.macs && double.elementOperations == 2 * work.elementOperations
      ? [] : ["twice the batch is not twice the work"]
  }

  /// The types for two images instead of one; nil if operand 0 is no batch of images.
  private func twiceTheBatch() -> ([TensorType], [TensorType])? {
    guard let first = operandTypes.first, first.shape.rank == 4 else { return nil }
    let shape = Shape([2 * first.shape[0]] + first.shape.extents.dropFirst())
    let operands = [first.with(shape: shape)] + operandTypes.dropFirst()
    guard let results = try? op.resultTypes(operands),
      results.map(\.elementCount) == resultTypes.map({ 2 * $0.elementCount })
    else { return nil }
    return (operands, results)
  }

  /// Integer results must be within a step of the real ones, where the operator computes both; 16-bit ones within two, for
  /// tables stand behind some of them.
  private func integerProblems() throws -> [String] {
    guard resultTypes.allSatisfy({ $0.quantization?.isPerTensor ?? false }) else { return [] }
    let seeds: [UInt64] = [1, 2, 3]
    let random = seeds.map { seed in operandTypes.map { Tensor.random($0, seed: seed) } }
    return try ([example.operands] + random).flatMap { try stepProblems($0) }
  }

  private func stepProblems(_ operands: [Tensor]) throws -> [String] {
    guard let real = try realResults(operands) else { return [] }
    let stored = try op.evaluate(operands, results: resultTypes)
    return zip(stored, real).compactMap { stored, real in
      let limit = stored.type.element == .i16 ? 2.001 : 1.001
      return farthest(stored, real).flatMap {
        $0 > limit ? "is \($0) steps from the real result" : nil
      }
    }
  }

  /// What the `f32` form gives for the real numbers behind quantized operands; nil if there is none.
  private func realResults(_ operands: [Tensor]) throws -> [Tensor]? {
    guard operands.allSatisfy({ $0.type.quantization != nil }) else { return nil }
    let real = operands.map {
      Tensor(TensorType(.f32, $0.type.shape), numbers: $0.realNumbers)
    }
    guard (try? op.checkedResultTypes(of: real.map(\.type), declared: nil)) != nil else {
      return nil
    }
    return try op.evaluate(real)
  }

  /// The largest distance in steps of the stored result, real numbers beyond its range counting as its ends.
  private func farthest(_ stored: Tensor, _ real: Tensor) -> Double? {
    guard let quantization = stored.type.quantization, let range = stored.type.element.integerRange
    else { return nil }
    return zip(stored.storedNumbers, real.storedNumbers).map { stored, real in
      let steps = real / Double(quantization.scale) + Double(quantization.zeroPoint)
      let inRange = min(max(steps, Double(range.lowerBound)), Double(range.upperBound))
      return abs(stored - inRange)
    }.max()
  }
}
