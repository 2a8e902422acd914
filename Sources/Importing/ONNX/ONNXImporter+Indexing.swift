import GraphIR
import Operators
import Support
import Tensors

/// Operators of ONNX that look up or place elements by index, and what they become.
extension ONNXImporter {
  static let indexing: [String: ONNXConverter] = [
    "Gather": { node, builder in
      let axis = try node.integer("axis", default: 0)
      let op = Gather(axis: axis, countsFromBack: true)
      return [.tensor(try builder.apply(op, node.operand(0), node.operand(1)))]
    },
    "GatherElements": { node, builder in
      let op = GatherElements(axis: try node.integer("axis", default: 0))
      return [.tensor(try builder.apply(op, node.operand(0), node.operand(1)))]
    },
    "GatherND": { node, builder in
      let batchAxes = try node.integer("batch_dims", default: 0)
      let op = GatherND(batchAxes: batchAxes, countsFromBack: true)
      return [.tensor(try builder.apply(op, node.operand(0), node.operand(1)))]
    },
    "OneHot": { node, builder in
      let depth = try builder.integers(node.operand(1), "the depth of `OneHot`")
      guard depth.count == 1 else { throw Diagnostic(.depthCount(depth.count)) }
      let values = try builder.split(node.operand(2), 0, [1, 1])
      let op = OneHot(
        depth: depth[0], axis: try node.integer("axis", default: -1), countsFromBack: true)
      let indices = try builder.cast(node.operand(0), to: .i64)
      return [.tensor(try builder.apply(op, indices, values[1], values[0]))]
    },
    "ReverseSequence": { node, builder in
      let op = ReverseSequence(
        axis: try node.integer("time_axis", default: 0),
        batchAxis: try node.integer("batch_axis", default: 1))
      return [.tensor(try builder.apply(op, node.operand(0), node.operand(1)))]
    },
    "Scatter": scatterElements,
    "ScatterElements": scatterElements,
    "ScatterND": { node, builder in
      let op = UpdateND(placement: try node.placement())
      return [.tensor(try builder.insert(op, node.allOperands())[0])]
    },
    "TensorScatter": { node, builder in
      let operand = try node.operand(0)
      let extents = builder.shape(operand).extents
      let starts = Array(repeating: 0, count: extents.first ?? 0)
      let op = CacheUpdate(
        axis: try node.integer("axis", default: -2),
        isRing: try node.string("mode", default: "linear") == "circular")
      let positions = try node.optional(2) ?? builder.integers(starts)
      return [.tensor(try builder.apply(op, operand, node.operand(1), positions))]
    },
    "TfIdfVectorizer": { node, builder in
      try builder.termFrequencies(node).map { .tensor($0) }
    },
    "TopK": { node, builder in
      let rank = try builder.shape(node.operand(0)).rank
      let axis = try node.axis(node.integer("axis", default: -1), rank: rank)
      return try builder.topK(node, axis).map { .tensor($0) }
    },
  ]

  private static let scatterElements: ONNXConverter = { node, builder in
    let op = ScatterElements(
      axis: try node.integer("axis", default: 0), placement: try node.placement())
    return [.tensor(try builder.insert(op, node.allOperands())[0])]
  }
}

extension ONNXNode {
  /// How a scatter puts elements to where others are.
  fileprivate func placement() throws -> ScatterMode {
    switch try string("reduction", default: "none") {
    case "none": return .replace
    case "add": return .add
    case "mul": return .multiply
    case "max": return .maximum
    case "min": return .minimum
    case let reduction: throw Diagnostic(.unknownReduction(kind, reduction))
    }
  }

  /// How many elements a `TopK` takes, which was an attribute at first.
  fileprivate func topCount(_ builder: ONNXGraphBuilder) throws -> Int {
    guard version >= 10 else { return try integer("k") }
    let counts = try builder.integers(operand(1), "the count of `TopK`")
    guard counts.count == 1 else { throw Diagnostic(.topCounts(counts.count)) }
    return counts[0]
  }
}

extension ONNXGraphBuilder {
  /// The best elements along an axis, which is the last one for as long, and their places.
  fileprivate mutating func topK(_ node: ONNXNode, _ axis: Int) throws -> [ValueID] {
    let operand = try node.operand(0)
    let element = element(operand)
    var last = Array(shape(operand).extents.indices)
    last.append(last.remove(at: axis))
    let rows = try cast(ordered(transpose(operand, last)), to: Self.sortable(element))
    let op = TopK(
      count: try node.topCount(self),
      takesSmallest: try node.integer("largest", default: 1) == 0)
    let results = try insert(op, [rows])
    let best = element == .u64 ? try signFlipped(results[0]) : results[0]
    let back = last.indices.map { last.firstIndex(of: $0) ?? $0 }
    return [
      try transpose(cast(best, to: element), back),
      try transpose(cast(results[1], to: .i64), back),
    ]
  }

  /// The element type in which elements are compared.
  private static func sortable(_ element: ElementType) -> ElementType {
    if TopK.elements.contains(element) { return element }
    return element.isFloat ? .f32 : .i64
  }

  fileprivate mutating func termFrequencies(_ node: ONNXNode) throws -> [ValueID] {
    guard let pool = try node.integers("pool_int64s") else { throw Diagnostic(.strings) }
    let mode = try node.string("mode")
    let op = TermFrequencies(
      pool: pool, starts: try node.integers("ngram_counts") ?? [],
      places: try node.integers("ngram_indexes") ?? [],
      weights: mode == "TF" ? [] : try node.floats("weights") ?? [],
      minimumLength: try node.integer("min_gram_length"),
      maximumLength: try node.integer("max_gram_length"),
      skips: try node.integer("max_skip_count"), countsAll: mode != "IDF")
    return try insert(op, [node.operand(0)])
  }
}

extension Diagnostic.Message {
  fileprivate static func depthCount(_ count: Int) -> Self {
    Self(id: "not-one-number", .malformed, "the depth of `OneHot` is \(count) numbers")
  }

  fileprivate static func topCounts(_ count: Int) -> Self {
    Self(id: "not-one-number", .malformed, "the count of `TopK` is \(count) numbers")
  }

  fileprivate static func unknownReduction(_ kind: String, _ reduction: String) -> Self {
    Self(id: "unknown-reduction", .malformed, "`\(kind)` has the unknown reduction `\(reduction)`")
  }

  fileprivate static var strings: Self {
    Self(id: "strings", .unsupported, "`TfIdfVectorizer` of strings is not supported")
  }
}
