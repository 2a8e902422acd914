import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds rows with a mean of 0 and a variance of 1, and the factors and offsets behind them.
  public static let recoverLayerNorm = rewrite(
    "recover-layer-norm", "find layer normalization in centered rows over their deviation",
    .approximate("means are summed up in another order"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      try graph.layerNormalized(id, by: .squaresOfDifferences) ?? graph.scaledLayer(id)
    },
    Rule(replacing: Divide.self) { graph, id, _ in
      try graph.layerNormalized(id, by: .squaresOfDifferences)
    },
    Rule(replacing: Add.self) { graph, id, _ in try graph.shiftedLayer(id) })

  /// The same where the variance is the mean of the squares less the square of the mean, as JAX has it.
  public static let recoverLayerNormOfSquares = rewrite(
    "recover-layer-norm-of-squares",
    "find layer normalization by the mean of squares less the square of the mean",
    .restoring("the difference of two large numbers is not taken"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      try graph.layerNormalized(id, by: .differenceOfSquares)
    },
    Rule(replacing: Divide.self) { graph, id, _ in
      try graph.layerNormalized(id, by: .differenceOfSquares)
    })
}

/// How a variance is computed.
private enum Variance {
  /// The mean of `(x − mean)²`.
  case squaresOfDifferences
  /// The mean of `x²`, less `mean²`.
  case differenceOfSquares
}

extension Graph {
  /// `(x − mean) / √(variance + epsilon)`.
  fileprivate mutating func layerNormalized(
    _ id: NodeID, by variance: Variance
  ) throws -> ValueID? {
    var derivation = Derivation(in: self)
    guard let found = derivation.rowsOverRoot(id),
      let (x, axes) = derivation.uncentered(found, variance),
      derivation.isClosed(except: id), haveSameType(x, result(of: id))
    else { return nil }
    return try insertNormalization(of: x, along: axes, scale: found.scale, before: id) {
      LayerNormalization(axis: $0, epsilon: found.epsilon)
    }
  }

  /// A normalization that has no factors yet, with those that it is multiplied by.
  fileprivate mutating func scaledLayer(_ id: NodeID) throws -> ValueID? {
    guard let (normalization, op, row) = rowBehindLayer(id), nodes[normalization].inputs.count == 1
    else { return nil }
    return try insert(op, [input(of: normalization), row], before: id)[0]
  }

  /// A normalization that has no offsets yet, with those that are added to it.
  fileprivate mutating func shiftedLayer(_ id: NodeID) throws -> ValueID? {
    guard let (normalization, op, row) = rowBehindLayer(id), nodes[normalization].inputs.count < 3
    else { return nil }
    let inputs = nodes[normalization].inputs
    let ones = Array(repeating: Float(1), count: values[row].type.elementCount)
    let scale = inputs.count > 1 ? inputs[1] : addReal(ones, values[row].type.shape, like: row)
    return try insert(op, [inputs[0], scale, row], before: id)[0]
  }

  /// A normalization that a node alone reads, and the constant row that the node combines it with.
  private mutating func rowBehindLayer(
    _ id: NodeID
  ) -> (id: NodeID, op: LayerNormalization, row: ValueID)? {
    guard nodes[id].op.isUnlimited, let (constant, other, _) = constantAndOther(of: id),
      let (producer, op) = soleProducer(of: other, as: LayerNormalization.self),
      !op.givesStatistics, op.axis >= 0, let row = rowConstant(constant, of: other, from: op.axis)
    else { return nil }
    return (producer, op, row)
  }
}

extension Derivation {
  /// What the rows were before their mean was subtracted, if they are over the root of their variance.
  fileprivate mutating func uncentered(
    _ found: RowsOverRoot, _ variance: Variance
  ) -> (ValueID, axes: [Int])? {
    guard let (_, operands) = node(found.rows, as: Subtract.self),
      let (averaged, axes) = mean(operands[1]), averaged == operands[0]
    else { return nil }
    let rows = Rows(x: averaged, mean: operands[1], centered: found.rows, axes: axes)
    let isVariance =
      switch variance {
      case .squaresOfDifferences: isMeanSquare(found.variance, of: rows)
      case .differenceOfSquares: isDifference(found.variance, of: rows)
      }
    return isVariance ? (averaged, axes) : nil
  }

  /// Rows of which a variance may be.
  private struct Rows {
    let x: ValueID
    let mean: ValueID
    let centered: ValueID
    let axes: [Int]
  }

  /// Whether a value is the mean of the squares of what is left without the mean, which may have been computed once more.
  private mutating func isMeanSquare(_ variance: ValueID, of rows: Rows) -> Bool {
    var attempt = self
    guard let (squares, axes) = attempt.mean(variance), axes == rows.axes,
      attempt.isSquare(squares, of: rows.centered) || attempt.isSquaredDifference(squares, rows)
    else { return false }
    self = attempt
    return true
  }

  private mutating func isSquaredDifference(_ squares: ValueID, _ rows: Rows) -> Bool {
    guard let (_, operands) = node(squares, as: SquaredDifference.self) else { return false }
    return operands == [rows.x, rows.mean] || operands == [rows.mean, rows.x]
  }

  /// Whether a value is the mean of the squares less the square of the mean, which rounding may have made less than 0.
  private mutating func isDifference(_ variance: ValueID, of rows: Rows) -> Bool {
    var attempt = self
    let inner = attempt.withoutAxes(variance, limits: [0, -.infinity])
    guard let (_, operands) = attempt.node(inner, as: Subtract.self),
      graph.values[operands[0]].type == graph.values[operands[1]].type,
      graph.values[variance].type.shape == graph.values[rows.mean].type.shape,
      let (squares, axes) = attempt.mean(operands[0], keepsAxes: false), axes == rows.axes,
      attempt.isSquare(squares, of: rows.x), attempt.isSquareOfMean(operands[1], of: rows)
    else { return false }
    self = attempt
    return true
  }

  private mutating func isSquareOfMean(_ value: ValueID, of rows: Rows) -> Bool {
    guard let root = graph.producer(of: value).map(graph.input(of:)),
      isSquare(value, of: root), let (averaged, axes) = mean(root, keepsAxes: false)
    else { return false }
    return averaged == rows.x && axes == rows.axes
  }
}
