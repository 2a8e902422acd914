import GraphIR
import Operators
import Support
import Tensors

/// Which keys a query sees in attention, and what is added to its scores.
struct ONNXAttentionMask {
  /// Broadcasts to the scores; nil where everything is seen.
  private var allowed: ValueID?
  /// Broadcasts to the scores, too; nil where nothing is added.
  private var bias: ValueID?

  /// - Parameters:
  ///   - steps: of the query.
  ///   - pastSteps: of keys, before the first of the query.
  ///   - total: of keys.
  init(
    _ node: ONNXNode, steps: Int, pastSteps: Int, total: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    try addGiven(node.optional(3), total: total, &builder)
    let present = try node.optional(6).map { lengths in
      try builder.reshape(
        builder.cast(lengths, to: .i64), [builder.shape(lengths).elementCount, 1, 1, 1])
    }
    if let present { try addLengths(present, total: total, &builder) }
    // Where the first step of the query stands among the keys.
    let start =
      try present.map { try builder.apply(Subtract(), $0, builder.scalar(Double(steps), .i64)) }
      ?? builder.scalar(Double(pastSteps), .i64)
    try addBounds(node, start, steps: steps, total: total, &builder)
  }

  /// The operand, filled up where it is shorter than the keys.
  private mutating func addGiven(
    _ mask: ValueID?, total: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    guard var mask else { return }
    let isTruth = builder.element(mask) == .bool
    if !isTruth { mask = try builder.cast(mask, to: .f32) }
    let extents = builder.shape(mask).extents
    if let last = extents.last, last < total {
      let type = TensorType(
        builder.element(mask), Shape(extents.dropLast() + [total - last]))
      let hidden = builder.constant(
        Tensor(
          type,
          numbers: Array(repeating: isTruth ? 0 : -.infinity, count: type.elementCount)))
      mask = try builder.apply(Concatenation(axis: extents.count - 1), mask, hidden)
    }
    if isTruth { allowed = mask } else { bias = mask }
  }

  /// Keys behind the end are not seen.
  private mutating func addLengths(
    _ lengths: ValueID, total: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    let places = builder.integers(Array(0..<total))
    try allow(builder.apply(Less(), places, lengths), &builder)
  }

  /// What causality and windows say about the keys before and behind a query.
  private mutating func addBounds(
    _ node: ONNXNode, _ start: ValueID, steps: Int, total: Int, _ builder: inout ONNXGraphBuilder
  ) throws {
    let left = try node.integer("left_window_size", default: -1)
    let right = try node.integer("right_window_size", default: -1)
    var largest = right >= 0 ? min(right, 1 << 40) : nil as Int?
    if try node.integer("is_causal", default: 0) != 0 { largest = 0 }
    guard largest != nil || left >= 0 else { return }
    let keys = builder.integers(Array(0..<total))
    let queries = try builder.apply(
      Add(), builder.reshape(builder.integers(Array(0..<steps)), [steps, 1]), start)
    if let largest {
      let last = try builder.apply(Add(), queries, builder.scalar(Double(largest), .i64))
      try allow(builder.apply(LessEqual(), keys, last), &builder)
    }
    if left >= 0 {
      let first = try builder.apply(
        Subtract(), queries, builder.scalar(Double(min(left, 1 << 40)), .i64))
      try allow(builder.apply(GreaterEqual(), keys, first), &builder)
    }
  }

  private mutating func allow(_ truth: ValueID, _ builder: inout ONNXGraphBuilder) throws {
    allowed = try allowed.map { try builder.apply(LogicalAnd(), $0, truth) } ?? truth
  }

  /// The scores with what is added, and −∞ for what is not seen.
  func applied(to scores: ValueID, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    var scores = scores
    if let bias {
      // −∞ stays what it is.
      scores = try builder.apply(Add(clamp: .unlimited), scores, bias)
    }
    guard let allowed else { return scores }
    return try builder.apply(Select(), allowed, scores, builder.scalar(-.infinity, .f32))
  }

  /// Weights, or 0 for queries that see no key at all.
  func guarded(_ weights: ValueID, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    var seen = allowed
    if let bias {
      let isFinite = try builder.apply(NotEqual(), bias, builder.scalar(-.infinity, .f32))
      seen = try seen.map { try builder.apply(LogicalAnd(), $0, isFinite) } ?? isFinite
    }
    guard let seen, builder.shape(seen).rank > 0 else { return weights }
    let any = try builder.apply(ReduceAny(axes: [-1], keepsAxes: true), seen)
    if let known = builder.tensor(any), known.storedNumbers.allSatisfy({ $0 != 0 }) {
      return weights
    }
    return try builder.apply(Select(), any, weights, builder.scalar(0, .f32))
  }
}
