import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds logarithms of softmax, in two nodes or in differences.
  public static let recoverLogSoftmax = rewrite(
    "recover-log-softmax", "find log softmax in logarithms of softmax or of sums of exponentials",
    .approximate("the logarithm is taken of a sum, not of each quotient"),
    Rule(replacing: Log.self) { graph, id, _ in
      guard let (producer, softmax) = graph.soleProducer(of: graph.input(of: id), as: Softmax.self),
        softmax.beta == 1, graph.isReal(graph.input(of: producer))
      else { return nil }
      let op = LogSoftmax(arithmetic: softmax.arithmetic)
      return try graph.insert(op, [graph.input(of: producer)], before: id)[0]
    },
    Rule(replacing: Subtract.self) { graph, id, op in
      guard op.clamp.isOpen, let (operand, op) = graph.logSoftmax(id) else { return nil }
      return try graph.insert(op, [operand], before: id)[0]
    })
}

extension Graph {
  /// `x − log(Σ exp(x))`.
  fileprivate func logSoftmax(_ id: NodeID) -> (operand: ValueID, op: LogSoftmax)? {
    var derivation = Derivation(in: self)
    let (x, logarithm) = (nodes[id].inputs[0], nodes[id].inputs[1])
    guard let (exponent, arithmetic) = derivation.logSumExp(logarithm), exponent == x else {
      return nil
    }
    let operand = derivation.withoutLargest(x)
    guard derivation.isClosed(except: id), haveSameType(operand, result(of: id)) else { return nil }
    return (operand, LogSoftmax(arithmetic: arithmetic))
  }
}

extension Derivation {
  /// What the logarithm of a sum of exponentials along the last axis is taken of.
  fileprivate mutating func logSumExp(_ value: ValueID) -> (operand: ValueID, RealArithmetic)? {
    var attempt = self
    if let (op, operands) = attempt.node(value, as: LogSumExp.self) {
      let last = graph.values[operands[0]].type.shape.rank - 1
      guard op.keepsAxes, op.axes == [last] || op.axes == [-1] else { return nil }
      self = attempt
      return (operands[0], .tflite)
    }
    guard let sum = operand(value, as: Log.self),
      let (op, exponential, axis) = reduction(sum, as: Sum.self),
      let exponent = operand(exponential, as: Exp.self), isLast(axis, of: exponent)
    else { return nil }
    return (exponent, op.arithmetic)
  }

  private func isLast(_ axis: Int, of value: ValueID) -> Bool {
    axis == graph.values[value].type.shape.rank - 1
  }
}
