import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds rows with a mean of 0 and a variance of 1, and the factors and offsets behind them.
  public static let recoverLayerNorm = rewrite(
    "recover-layer-norm", "find layer normalization in centered rows over their deviation",
    .approximate("means are summed up in another order"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      try graph.layerNormalized(id) ?? graph.scaledLayer(id)
    },
    Rule(replacing: Divide.self) { graph, id, _ in try graph.layerNormalized(id) },
    Rule(replacing: Add.self) { graph, id, _ in try graph.shiftedLayer(id) })
}

extension Graph {
  /// `(x − mean) / √(variance + epsilon)`.
  fileprivate mutating func layerNormalized(_ id: NodeID) throws -> ValueID? {
    var derivation = Derivation(in: self)
    guard let found = derivation.rowsOverRoot(id), let x = derivation.uncentered(found),
      derivation.isClosed(except: id), haveSameType(x, result(of: id))
    else { return nil }
    let op = LayerNormalization(axis: found.axis, epsilon: found.epsilon)
    guard let scale = found.scale else { return try insert(op, [x], before: id)[0] }
    guard let row = rowConstant(scale, of: x, from: found.axis) else { return nil }
    return try insert(op, [x, row], before: id)[0]
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
  /// What the rows were before their mean was subtracted, if the squares are those of the same difference.
  fileprivate mutating func uncentered(_ found: RowsOverRoot) -> ValueID? {
    guard let (_, operands) = node(found.rows, as: Subtract.self) else { return nil }
    let (x, mean) = (operands[0], operands[1])
    guard let (_, averaged, axis) = reduction(mean, as: Mean.self), averaged == x,
      axis == found.axis, isVariance(found.squares, of: x, mean, centered: found.rows)
    else { return nil }
    return x
  }

  /// Whether a value is the square of what is left without the mean, which may have been computed once more.
  private mutating func isVariance(
    _ squares: ValueID, of x: ValueID, _ mean: ValueID, centered: ValueID
  ) -> Bool {
    var attempt = self
    if attempt.isSquare(squares, of: centered) {
      self = attempt
      return true
    }
    guard let (_, operands) = node(squares, as: SquaredDifference.self) else { return false }
    return operands == [x, mean] || operands == [mean, x]
  }
}
