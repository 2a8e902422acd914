import GraphIR
import Operators
import Tensors

extension Pass {
  /// Finds softmax of products of queries and keys, times values.
  public static let recoverAttention = rewrite(
    "recover-attention", "find attention in softmax between two products of matrices",
    .approximate("sums of products have another order"),
    Rule(replacing: BatchMatMul.self) { graph, id, op in
      guard !op.transposesFirst, !op.transposesSecond, !op.keepsSums,
        let found = graph.attention(id)
      else { return nil }
      var operands = [found.query, found.key, graph.nodes[id].inputs[1]]
      if found.isKeyTransposed { operands[1] = try graph.swapped(found.key, before: id) }
      if let mask = try graph.mask(found.mask) { operands.append(mask) }
      // Extents that only broadcast do not fit.
      return try? graph.insert(Attention(scale: found.scale), operands, before: id)[0]
    })
}

/// What the weights of attention are computed from.
private struct AttentionWeights {
  let query: ValueID
  let key: ValueID
  /// Whether the last two axes of the key are swapped.
  let isKeyTransposed: Bool
  let mask: AttentionMask
  let scale: Float
}

/// What decides which keys a query sees.
private enum AttentionMask {
  case none
  /// Numbers that are added to the scores.
  case added(ValueID)
  /// Whether a key is seen, as a constant.
  case allowed(ValueID)
}

extension Graph {
  /// What softmax in front of a product is computed from, if that is a product too.
  fileprivate func attention(_ id: NodeID) -> AttentionWeights? {
    var derivation = Derivation(in: self)
    guard isReal(result(of: id)),
      let (softmax, scores) = derivation.node(input(of: id), as: Softmax.self), softmax.beta == 1,
      let weights = derivation.attentionWeights(scores[0]), derivation.isClosed(except: id)
    else { return nil }
    return weights
  }

  /// The numbers that are added to scores; nil if nothing is.
  fileprivate mutating func mask(_ mask: AttentionMask) throws -> ValueID? {
    switch mask {
    case .none: return nil
    case .added(let value): return value
    case .allowed(let value):
      guard let data = constantData(value) else { return nil }
      let tensor = Tensor(values[value].type, data)
      let numbers = tensor.storedNumbers.map { $0 != 0 ? 0 : -Float.infinity }
      return addReal(numbers, tensor.type.shape, like: value)
    }
  }

  /// The value with its last two axes swapped, which may undo what was done to it.
  fileprivate mutating func swapped(_ value: ValueID, before id: NodeID) throws -> ValueID {
    let rank = values[value].type.shape.rank
    let permutation = Array(0..<rank - 2) + [rank - 1, rank - 2]
    if let producer = producer(of: value),
      op(producer, as: Transpose.self)?.permutation == permutation
    {
      return input(of: producer)
    }
    return try insert(Transpose(permutation: permutation), [value], before: id)[0]
  }
}

extension Derivation {
  /// The scores as `scale · q · kᵀ + mask`; factors of queries and keys count, too.
  fileprivate mutating func attentionWeights(_ scores: ValueID) -> AttentionWeights? {
    let (unmasked, mask) = withoutMask(scores)
    let scaled = product(unmasked)
    guard scaled.factors.count == 1,
      let (op, operands) = node(scaled.factors[0], as: BatchMatMul.self), !op.transposesFirst,
      !op.keepsSums
    else { return nil }
    let (query, key) = (scaledOperand(operands[0]), scaledOperand(operands[1]))
    return AttentionWeights(
      query: query.value, key: key.value, isKeyTransposed: !op.transposesSecond, mask: mask,
      scale: Float(scaled.scale * query.scale * key.scale))
  }

  /// The scores before a mask was added, or before those of hidden keys were replaced by −∞.
  private mutating func withoutMask(_ scores: ValueID) -> (ValueID, AttentionMask) {
    if let (unmasked, mask) = summand(scores) { return (unmasked, .added(mask)) }
    var attempt = self
    guard let (_, operands) = attempt.node(scores, as: Select.self),
      graph.constantData(operands[0]) != nil, graph.uniformNumber(operands[2]) == -.infinity,
      graph.values[operands[1]].type == graph.values[scores].type
    else { return (scores, .none) }
    self = attempt
    return (operands[1], .allowed(operands[0]))
  }

  /// The operand of a sum that is a product, perhaps scaled, and the other.
  private mutating func summand(_ scores: ValueID) -> (ValueID, mask: ValueID)? {
    for index in 0...1 {
      var attempt = self
      guard let (_, operands) = attempt.node(scores, as: Add.self),
        graph.values[operands[index]].type == graph.values[scores].type
      else { continue }
      var inner = attempt
      let scaled = inner.product(operands[index])
      guard scaled.factors.count == 1,
        inner.node(scaled.factors[0], as: BatchMatMul.self) != nil
      else { continue }
      self = attempt
      return (operands[index], operands[1 - index])
    }
    return nil
  }

  /// What queries or keys were before they were multiplied by a number.
  private mutating func scaledOperand(_ value: ValueID) -> (value: ValueID, scale: Double) {
    var attempt = self
    let scaled = attempt.product(value)
    guard graph.isReadOnce(value), scaled.factors.count == 1,
      graph.values[scaled.factors[0]].type == graph.values[value].type
    else { return (value, 1) }
    self = attempt
    return (scaled.factors[0], scaled.scale)
  }
}
