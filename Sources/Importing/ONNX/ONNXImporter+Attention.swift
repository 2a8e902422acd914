import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// What transformers are made of.
  static let attention: [String: ONNXConverter] = [
    "Attention": { node, builder in try ONNXAttention(node, &builder).convert(&builder) },
    "RotaryEmbedding": { node, builder in [.tensor(try rotate(node, &builder))] },
  ]

  /// Pairs of numbers of each head, turned by an angle that depends on the place in the sequence.
  private static func rotate(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let operand = try node.operand(0)
    let x = try builder.heads(
      builder.cast(operand, to: .f32), count: node.integer("num_heads", default: 0))
    let extents = builder.shape(x).extents
    let declared = try node.integer("rotary_embedding_dim", default: 0)
    let width = declared == 0 ? extents[3] : declared
    guard width % 2 == 0, (2...max(2, extents[3])).contains(width) else {
      throw Diagnostic(.rotaryWidth(width, extents[3]))
    }
    let cosines = try angles(node, 1, extents, &builder)
    let sines = try angles(node, 2, extents, &builder)
    let isInterleaved = try node.integer("interleaved", default: 0) != 0
    let (a, b) = try builder.pairs(x, width, isInterleaved: isInterleaved)
    let first = try builder.apply(
      Subtract(), builder.apply(Multiply(), cosines, a), builder.apply(Multiply(), sines, b))
    let second = try builder.apply(
      Add(), builder.apply(Multiply(), sines, a), builder.apply(Multiply(), cosines, b))
    var turned =
      isInterleaved
      ? try builder.reshape(
        builder.apply(Pack(axis: 4), first, second), extents.dropLast() + [width])
      : try builder.apply(Concatenation(axis: 3), first, second)
    if width < extents[3] {
      let rest = try builder.part(x, axis: 3, from: width, count: extents[3] - width)
      turned = try builder.apply(Concatenation(axis: 3), turned, rest)
    }
    let result = try builder.headsJoined(turned, as: builder.shape(operand))
    return try builder.cast(result, to: builder.element(operand))
  }

  /// `[batches, 1, steps, width / 2]`, from a table of places where places are given.
  private static func angles(
    _ node: ONNXNode, _ index: Int, _ extents: [Int], _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    var table = try builder.cast(node.operand(index), to: .f32)
    if let places = try node.optional(3) {
      table = try builder.apply(Gather(axis: 0), table, places)
    }
    let found = builder.shape(table).extents
    guard found.count == 3, found[1] == extents[2] else {
      throw Diagnostic(.angles(builder.shape(table), extents[2]))
    }
    return try builder.reshape(table, [found[0], 1, found[1], found[2]])
  }
}

/// Attention as the file has it: `softmax(scale · q · kᵀ + mask) · v`, for each head.
private struct ONNXAttention {
  private let node: ONNXNode
  /// `[batches, heads, steps, width]`, as `f32`.
  private let query: ValueID
  /// The keys of the past, if there is any, and of now, with the element type of the file.
  private let keys: ValueID
  private let values: ValueID
  /// How many steps are in the past.
  private let pastSteps: Int

  init(_ node: ONNXNode, _ builder: inout ONNXGraphBuilder) throws {
    self.node = node
    let heads = try node.integer("kv_num_heads", default: 0)
    query = try builder.heads(
      builder.cast(node.operand(0), to: .f32), count: node.integer("q_num_heads", default: 0))
    let key = try builder.heads(node.operand(1), count: heads)
    let value = try builder.heads(node.operand(2), count: heads)
    let past = try (node.optional(4), node.optional(5))
    guard let pastKey = past.0, let pastValue = past.1, builder.shape(pastKey).rank == 4,
      builder.shape(pastKey)[2] > 0
    else {
      (keys, values, pastSteps) = (key, value, 0)
      return
    }
    pastSteps = builder.shape(pastKey)[2]
    keys = try builder.apply(Concatenation(axis: 2), pastKey, key)
    values = try builder.apply(Concatenation(axis: 2), pastValue, value)
  }

  func convert(_ builder: inout ONNXGraphBuilder) throws -> [ONNXValue] {
    let element = try builder.element(node.operand(0))
    let products = try scores(&builder)
    let capped = try cap(products, &builder)
    let mask = try ONNXAttentionMask(
      node, steps: builder.shape(query)[2], pastSteps: pastSteps, total: builder.shape(keys)[2],
      &builder)
    let masked = try mask.applied(to: capped, &builder)
    let weights = try mask.guarded(builder.apply(Softmax(arithmetic: .onnx), masked), &builder)
    let sums = try builder.grouped(weights, builder.cast(values, to: .f32), transposesSecond: false)
    let y = try builder.cast(
      builder.headsJoined(sums, as: builder.shape(node.operand(0))), to: element)
    let stages = [products, capped, masked, weights]
    let mode = try node.integer("qk_matmul_output_mode", default: 0)
    guard stages.indices.contains(mode) else { throw Diagnostic(.outputMode(mode)) }
    guard node.wants(3) else { return [y, keys, values].map { .tensor($0) } }
    return [y, keys, values, try builder.cast(stages[mode], to: element)].map { .tensor($0) }
  }

  /// `scale · q · kᵀ`.
  private func scores(_ builder: inout ONNXGraphBuilder) throws -> ValueID {
    let width = builder.shape(query)[3]
    let scale = try node.float("scale", default: 1 / Float(width).squareRoot())
    return try builder.grouped(
      builder.scaled(query, by: scale), builder.cast(keys, to: .f32), transposesSecond: true)
  }

  /// `cap · tanh(x / cap)`.
  private func cap(_ scores: ValueID, _ builder: inout ONNXGraphBuilder) throws -> ValueID {
    let cap = try node.float("softcap", default: 0)
    guard cap != 0 else { return scores }
    return try builder.scaled(
      builder.apply(Tanh(), builder.scaled(scores, by: 1 / cap)), by: cap)
  }
}

extension ONNXGraphBuilder {
  /// An operand as `[batches, heads, steps, width]`; with three axes, all heads lie side by side in the last.
  fileprivate mutating func heads(_ value: ValueID, count: Int) throws -> ValueID {
    let extents = shape(value).extents
    guard extents.count != 4 else { return value }
    guard extents.count == 3, count > 0, extents[2] % count == 0 else {
      throw Diagnostic(.heads(shape(value), count))
    }
    return try transpose(
      reshape(value, [extents[0], extents[1], count, extents[2] / count]), [0, 2, 1, 3])
  }

  /// The inverse of `heads`, with as many axes as `shape` has.
  fileprivate mutating func headsJoined(_ value: ValueID, as shape: Shape) throws -> ValueID {
    guard shape.rank == 3 else { return value }
    let extents = self.shape(value).extents
    return try reshape(
      transpose(value, [0, 2, 1, 3]), [extents[0], extents[2], extents[1] * extents[3]])
  }

  /// Products of each head's matrix with that of its group, which may be of several heads.
  fileprivate mutating func grouped(
    _ a: ValueID, _ b: ValueID, transposesSecond: Bool
  ) throws -> ValueID {
    let (first, second) = (shape(a).extents, shape(b).extents)
    guard first.count == 4, second.count == 4, second[1] > 0, first[1] % second[1] == 0 else {
      throw Diagnostic(.groups(shape(a), shape(b)))
    }
    let rows = try reshape(
      a, [first[0], second[1], first[1] / second[1] * first[2], first[3]])
    let product = try apply(
      BatchMatMul(
        transposesFirst: false, transposesSecond: transposesSecond, fusesProducts: true),
      rows, b)
    return try reshape(product, [first[0], first[1], first[2], shape(product)[3]])
  }

  /// Some indices of an axis.
  fileprivate mutating func part(
    _ value: ValueID, axis: Int, from begin: Int, count: Int, step: Int = 1
  ) throws -> ValueID {
    var (begins, sizes) = (shape(value).extents.map { _ in 0 }, shape(value).extents)
    var steps = sizes.map { _ in 1 }
    (begins[axis], sizes[axis], steps[axis]) = (begin, count, step)
    return try apply(StridedSlice(begin: begins, size: sizes, step: steps), value)
  }

  /// The first and the second numbers of the pairs in the last of four axes.
  fileprivate mutating func pairs(
    _ value: ValueID, _ width: Int, isInterleaved: Bool
  ) throws -> (ValueID, ValueID) {
    let half = width / 2
    guard isInterleaved else {
      return (
        try part(value, axis: 3, from: 0, count: half),
        try part(value, axis: 3, from: half, count: half)
      )
    }
    return (
      try part(value, axis: 3, from: 0, count: half, step: 2),
      try part(value, axis: 3, from: 1, count: half, step: 2)
    )
  }
}

extension Diagnostic.Message {
  fileprivate static func rotaryWidth(_ width: Int, _ whole: Int) -> Self {
    Self(
      id: "onnx-attention", .malformed,
      "`RotaryEmbedding` cannot turn \(width) numbers of heads of \(whole)")
  }

  fileprivate static func angles(_ shape: Shape, _ steps: Int) -> Self {
    Self(
      id: "onnx-attention", .malformed,
      "`RotaryEmbedding` has angles of shape \(shape) for \(steps) steps")
  }

  fileprivate static func outputMode(_ mode: Int) -> Self {
    Self(id: "onnx-attention", .malformed, "`Attention` has no stage \(mode) to give")
  }

  fileprivate static func heads(_ shape: Shape, _ count: Int) -> Self {
    Self(
      id: "onnx-attention", .malformed, "an operand of shape \(shape) does not have \(count) heads")
  }

  fileprivate static func groups(_ a: Shape, _ b: Shape) -> Self {
    Self(
      id: "onnx-attention", .malformed,
      "the heads of \(a) cannot share those of \(b) equally")
  }
}
