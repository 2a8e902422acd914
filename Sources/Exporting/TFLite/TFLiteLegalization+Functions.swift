import GraphIR
import Operators
import Tensors

extension TFLiteLegalization {
  /// Functions of real numbers, by the operators that their formulas name.
  static let functions = Pass.rewrite(
    "spell-out-functions", "express functions that TFLite lacks by those that it has",
    rule(ArcTangent2.self) { _, formula in try formula.broadcasting() },
    rule(CELU.self) { op, formula in
      try formula.exponentialUnit(by: op.alpha, over: op.alpha)
    },
    rule(ELU.self) { op, formula in
      op.alpha == 1 ? nil : try formula.exponentialUnit(by: op.alpha, over: 1)
    },
    rule(HardSigmoid.self) { op, formula in
      let scaled = try formula.insert(Multiply(), formula.x, formula.number(op.alpha))
      return try formula.clamped(formula.insert(Add(), scaled, formula.number(op.beta)))
    },
    rule(IsNaN.self) { _, formula in try formula.insert(NotEqual(), formula.x, formula.x) },
    rule(Mish.self) { _, formula in
      try formula.insert(Multiply(), formula.x, formula.insert(Tanh(), formula.softplus()))
    },
    rule(Reciprocal.self) { _, formula in
      try formula.insert(Divide(), formula.number(1), formula.x)
    },
    rule(SELU.self) { op, formula in
      let unit = try formula.exponentialUnit(by: op.alpha, over: 1)
      return try formula.insert(Multiply(), unit, formula.number(op.gamma))
    },
    rule(Softplus.self) { _, formula in try formula.softplus() },
    rule(Softsign.self) { _, formula in
      let size = try formula.insert(Abs(), formula.x)
      return try formula.insert(
        Divide(), formula.x, formula.insert(Add(), size, formula.number(1)))
    },
    rule(Swish.self) { op, formula in
      let scaled =
        op.alpha == 1
        ? formula.x : try formula.insert(Multiply(), formula.x, formula.number(op.alpha))
      return try formula.insert(Multiply(), formula.x, formula.insert(Logistic(), scaled))
    },
    rule(Tan.self) { _, formula in
      try formula.insert(
        Divide(), formula.insert(Sin(), formula.x), formula.insert(Cos(), formula.x))
    },
    rule(ThresholdedReLU.self) { op, formula in
      let isAbove = try formula.insert(Greater(), formula.x, formula.number(op.alpha))
      return try formula.insert(Select(), isAbove, formula.x, formula.number(0))
    })

  /// Normalizations over the last axes.
  static let normalizations = Pass.rewrite(
    "spell-out-normalizations", "express normalizations by means and products",
    rule(LayerNormalization.self) { op, formula in
      guard !op.givesStatistics else { return nil }
      let axes = formula.lastAxes(from: op.axis)
      let mean = try formula.insert(Mean(axes: axes, keepsAxes: true), formula.x)
      let centered = try formula.insert(Subtract(), formula.x, mean)
      return try formula.normalized(centered, axes, op.epsilon)
    },
    rule(RMSNormalization.self) { op, formula in
      try formula.normalized(formula.x, formula.lastAxes(from: op.axis), op.epsilon)
    })

  /// A rule for a node of real numbers, in terms of its operands; nil leaves the node alone.
  private static func rule<Op: Operator>(
    _ kind: Op.Type, _ body: @escaping @Sendable (Op, inout Formula) throws -> ValueID?
  ) -> Rule {
    Rule(replacing: kind) { graph, id, op in
      guard graph.values[graph.input(of: id)].type.element == .f32 else { return nil }
      var formula = Formula(graph: graph, id: id)
      // As long as the formula holds the graph alone, changes do not copy it.
      graph = Graph(name: "")
      defer { graph = formula.graph }
      return try body(op, &formula)
    }
  }
}

/// A formula that grows in front of the node whose place it is to take.
private struct Formula {
  var graph: Graph
  let id: NodeID

  /// The node's first operand.
  var x: ValueID { graph.input(of: id) }

  mutating func insert(_ op: some Operator, _ operands: ValueID...) throws -> ValueID {
    try graph.insert(op, operands, before: id)[0]
  }

  /// A constant for all elements of `x`.
  mutating func number(_ number: Float) -> ValueID { graph.scalar(Double(number), as: x) }

  /// Within 0 and 1.
  mutating func clamped(_ y: ValueID) throws -> ValueID {
    try graph.clamping(y, to: Clamp(lower: 0, upper: 1), before: id)
  }

  /// `max(x, 0) + factor · (exp(min(x, 0) / divisor) − 1)`.
  mutating func exponentialUnit(by factor: Float, over divisor: Float) throws -> ValueID {
    var negative = try insert(Minimum(), x, number(0))
    if divisor != 1 { negative = try insert(Divide(), negative, number(divisor)) }
    let scaled = try insert(Multiply(), insert(ELU(), negative), number(factor))
    return try insert(Add(), insert(ReLU(), x), scaled)
  }

  /// `max(x, 0) + log(1 + exp(−|x|))`, which no exponential exceeds.
  mutating func softplus() throws -> ValueID {
    let decay = try insert(Exp(), insert(Negate(), insert(Abs(), x)))
    return try insert(Add(), insert(ReLU(), x), insert(Log(), insert(Add(), decay, number(1))))
  }

  /// The node's operator on operands of the result's shape; nil if they have it.
  mutating func broadcasting() throws -> ValueID? {
    let (node, shape) = (graph.nodes[id], graph.values[graph.result(of: id)].type.shape)
    let shapes = graph.types(of: node.inputs).map(\.shape)
    guard shapes.contains(where: { $0 != shape }) else { return nil }
    let operands = try zip(node.inputs, shapes).map {
      $1 == shape ? $0 : try insert(BroadcastTo(shape: shape.extents), $0)
    }
    return try graph.insert(node.op, operands, before: id)[0]
  }

  func lastAxes(from axis: Int) -> [Int] {
    let rank = graph.values[x].type.shape.rank
    return Array((axis < 0 ? axis + rank : axis)..<rank)
  }

  /// `y / √(mean of y² + epsilon)` times the node's second operand, plus its third.
  mutating func normalized(_ y: ValueID, _ axes: [Int], _ epsilon: Float) throws -> ValueID {
    let power = try insert(Mean(axes: axes, keepsAxes: true), insert(Square(), y))
    let factor = try insert(ReciprocalSquareRoot(), insert(Add(), power, number(epsilon)))
    var result = try insert(Multiply(), y, factor)
    let parameters = graph.nodes[id].inputs.dropFirst()
    if let scale = parameters.first { result = try insert(Multiply(), result, scale) }
    if let bias = parameters.dropFirst().first { result = try insert(Add(), result, bias) }
    return result
  }
}
