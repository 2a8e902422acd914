import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds rows over the root of the mean of their squares.
  public static let recoverRMSNorm = rewrite(
    "recover-rms-norm", "find RMS normalization in rows over the root of their mean square",
    .approximate("means are summed up in another order"),
    Rule(replacing: Multiply.self) { graph, id, _ in
      try graph.rmsNormalized(id) ?? graph.scaledRMS(id)
    },
    Rule(replacing: Divide.self) { graph, id, _ in try graph.rmsNormalized(id) })
}

extension Graph {
  /// `x / √(mean of x² + epsilon)`.
  fileprivate mutating func rmsNormalized(_ id: NodeID) throws -> ValueID? {
    var derivation = Derivation(in: self)
    guard let found = derivation.rowsOverRoot(id),
      let (squares, axes) = derivation.mean(found.variance),
      derivation.isSquare(squares, of: found.rows), derivation.isClosed(except: id),
      haveSameType(found.rows, result(of: id))
    else { return nil }
    return try insertNormalization(of: found.rows, along: axes, scale: found.scale, before: id) {
      RMSNormalization(axis: $0, epsilon: found.epsilon)
    }
  }

  /// A normalization that has no factors yet, with those that it is multiplied by.
  fileprivate mutating func scaledRMS(_ id: NodeID) throws -> ValueID? {
    guard nodes[id].op.isUnlimited, let (constant, other, _) = constantAndOther(of: id),
      let (producer, op) = soleProducer(of: other, as: RMSNormalization.self),
      nodes[producer].inputs.count == 1, op.axis >= 0,
      let row = rowConstant(constant, of: other, from: op.axis)
    else { return nil }
    return try insert(op, [input(of: producer), row], before: id)[0]
  }
}
