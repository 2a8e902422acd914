import GraphIR
import Operators
import Tensors

extension Pass {
  /// Lets operators limit the real numbers that they compute, so that no activation has to read them back from memory.
  public static let fuseClamps = rewrite(
    "fuse-clamps", "fold activations that limit real numbers into what computes these",
    Rule(replacing: Clip.self) { graph, id, clip in try graph.clamped(id, to: clip.clamp) },
    Rule(replacing: ReLU.self) { graph, id, _ in try graph.clamped(id, to: ReLU.clamp) },
    Rule(replacing: ReLU6.self) { graph, id, _ in try graph.clamped(id, to: ReLU6.clamp) },
    Rule(replacing: ReLU0To1.self) { graph, id, _ in try graph.clamped(id, to: ReLU0To1.clamp) },
    Rule(replacing: ReLUN1To1.self) { graph, id, _ in try graph.clamped(id, to: ReLUN1To1.clamp) },
    Rule(replacing: Maximum.self) { graph, id, _ in
      guard let (operand, clamp) = graph.limit(of: id) else { return nil }
      return try graph.clamped(id, operand, to: clamp)
    },
    Rule(replacing: Minimum.self) { graph, id, _ in
      guard let (operand, clamp) = graph.limit(of: id) else { return nil }
      return try graph.clamped(id, operand, to: clamp) ?? graph.clipped(id, operand, to: clamp)
    })
}

extension Graph {
  /// As `clamped(_:_:to:)`, of a node's only operand.
  fileprivate mutating func clamped(_ id: NodeID, to clamp: Clamp) throws -> ValueID? {
    try clamped(id, input(of: id), to: clamp)
  }

  /// The operand of an activation, computed by an operator that limits it; nil if none can, or another node reads it too.
  fileprivate mutating func clamped(
    _ id: NodeID, _ operand: ValueID, to clamp: Clamp
  ) throws -> ValueID? {
    guard isReadOnce(operand), let producer = producer(of: operand),
      let op = nodes[producer].op as? any ClampedOperator,
      // Integers are rounded before they are limited, and may change their scale.
      isReal(operand), haveSameType(operand, result(of: id)),
      // Of ranges with nothing in common, the later decides alone.
      case let both = op.clamp.intersection(clamp), !both.isContradictory
    else { return nil }
    return try insert(
      op.limited(to: both), nodes[producer].inputs, results: types(of: nodes[id].results),
      before: id)[0]
  }

  /// What a larger or a smaller of two is taken of, and the range that the other, a constant, makes.
  fileprivate func limit(of id: NodeID) -> (operand: ValueID, clamp: Clamp)? {
    guard let (constant, other, isFirst) = constantAndOther(of: id),
      let bound = uniformNumber(constant), !bound.isNaN,
      // Of two zeros the second is taken, whatever their signs.
      !isFirst || bound != 0
    else { return nil }
    let isLower = op(id, as: Maximum.self) != nil
    return (other, isLower ? Clamp(lower: bound) : Clamp(upper: bound))
  }

  /// What two limits in a row give, computed by one node; nil if there is only one, or they contradict.
  fileprivate mutating func clipped(
    _ id: NodeID, _ value: ValueID, to clamp: Clamp
  ) throws -> ValueID? {
    guard let (lower, _) = soleProducer(of: value, as: Maximum.self),
      let (operand, inner) = limit(of: lower), haveSameType(operand, result(of: id)),
      case let both = inner.intersection(clamp), !both.isContradictory
    else { return nil }
    return try insert(Clip(clamp: both), [operand], before: id)[0]
  }
}
