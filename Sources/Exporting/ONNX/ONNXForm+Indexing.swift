import ONNXSchema
import Operators
import Support
import Tensors

extension ONNXForm {
  /// What looks elements up by index.
  static let indexing: [ONNXForm] = [
    ONNXForm(EmbeddingLookup.self) { _, site, writer in
      let operands = [try writer.real(site.operands[1]), try writer.indices(site, 0)]
      let result = site.results[0]
      writer.define(result, writer.plainOrder(result), as: writer.file.add("Gather", operands))
    },
    ONNXForm(Gather.self) { op, site, writer in try writer.gather(op, site) },
    ONNXForm(GatherElements.self) { op, site, writer in
      let indices = try writer.indices(site, 1)
      try writer.lookUp(site) { file, table in
        file.add("GatherElements", [table, indices], [.integer("axis", op.axis)])
      }
    },
    ONNXForm(GatherND.self) { op, site, writer in
      let places = try writer.indices(site, 1, wide: true)
      try writer.lookUp(site) { file, table in
        file.add("GatherND", [table, places], [.integer("batch_dims", op.batchAxes)])
      }
    },
    ONNXForm(NegativeLogLikelihoodLoss.self) { op, site, writer in try writer.lose(op, site) },
    ONNXForm(OneHot.self) { op, site, writer in try writer.oneHot(op, site) },
    ONNXForm(TermFrequencies.self) { op, site, writer in
      let x = try writer.stored(site.operands[0])
      let result = site.results[0]
      writer.define(
        result, writer.plainOrder(result),
        as: writer.file.add("TfIdfVectorizer", [x], op.onnxAttributes))
    },
    ONNXForm(Where.self) { op, site, writer in
      let x = try writer.stored(site.operands[0])
      let places = writer.file.add("NonZero", [x])
      let rows = writer.file.add("Transpose", [places], [.integers("perm", [1, 0])])
      writer.define(site.results[0], .plain(2), as: rows)
    },
  ]
}

extension ONNXGraphWriter {
  /// Writes what takes elements of a table, as they are stored where that is possible.
  fileprivate mutating func lookUp(
    _ site: ONNXSite, _ body: (inout ONNXFile, String) -> String
  ) throws {
    try moving(site, in: plainOrder(site.operands[0]), operands: 1) { file, names, _ in
      [body(&file, names[0])]
    }
  }

  /// Indices of 32 or 64 bits, or of 64 alone.
  mutating func indices(_ site: ONNXSite, _ operand: Int, wide: Bool = false) throws -> String {
    let indices = try stored(site.operands[operand])
    let isKnown =
      site.types[operand].element == .i64 || site.types[operand].element == .i32 && !wide
    return isKnown ? indices : file.cast(indices, to: .i64)
  }

  /// Where leading axes are shared, and there are none between them and the one that is looked up, places take the
  /// place of indices.
  fileprivate mutating func gather(_ op: Gather, _ site: ONNXSite) throws {
    let axis = op.axis < 0 ? op.axis + site.shape(0).rank : op.axis
    guard op.batchAxes > 0 else {
      let indices = try indices(site, 1)
      return try lookUp(site) { file, table in
        file.add("Gather", [table, indices], [.integer("axis", axis)])
      }
    }
    guard axis == op.batchAxes else {
      throw ONNXForm.unsupported(op, "with \(op.batchAxes) shared axes, along axis \(axis)")
    }
    let indices = try indices(site, 1, wide: true)
    let places = file.reshape(indices, site.shape(1).extents + [1])
    try lookUp(site) { file, table in
      file.add("GatherND", [table, places], [.integer("batch_dims", op.batchAxes)])
    }
  }

  /// Negative indices count from the back in the standard; where they do not here, they are moved behind the row.
  fileprivate mutating func oneHot(_ op: OneHot, _ site: ONNXSite) throws {
    var indices = try indices(site, 0, wide: true)
    // The standard has no rows of a single index without an axis.
    if site.shape(0).rank == 0 { indices = file.reshape(indices, [1]) }
    let depth = file.scalar(Double(op.depth), .i64, "depth")
    if !op.countsFromBack {
      let isOutside = file.add("Less", [indices, file.scalar(0, .i64, "zero")])
      indices = file.add("Where", [isOutside, depth, indices])
    }
    let (on, off) = (try real(site.operands[1]), try real(site.operands[2]))
    let pair = file.add(
      "Concat", [file.reshape(off, [1]), file.reshape(on, [1])], [.integer("axis", 0)])
    let axis = site.shape(0).rank == 0 ? -1 : op.axis
    let hot = file.add("OneHot", [indices, depth, pair], [.integer("axis", axis)])
    let rows = site.shape(0).rank == 0 ? file.reshape(hot, [op.depth]) : hot
    define(site.results[0], plainOrder(site.results[0]), as: rows)
  }
}

extension ONNXGraphWriter {
  fileprivate mutating func lose(_ op: NegativeLogLikelihoodLoss, _ site: ONNXSite) throws {
    guard op.ignoredClasses.count < 2 else {
      throw ONNXForm.unsupported(op, "that ignores \(op.ignoredClasses.count) classes")
    }
    let operands = [try real(site.operands[0]), try indices(site, 1)]
    let weights = try site.operands.dropFirst(2).map { try real($0) }
    let loss = file.add(
      "NegativeLogLikelihoodLoss", operands + weights,
      op.ignoredClasses.map { .integer("ignore_index", $0) }
        + [.string("reduction", op.reduction.rawValue)])
    define(site.results[0], plainOrder(site.results[0]), as: loss)
  }
}

extension TermFrequencies {
  fileprivate var onnxAttributes: [ONNXAttributeProto] {
    let mode = countsAll ? weights.isEmpty ? "TF" : "TFIDF" : "IDF"
    let attributes: [ONNXAttributeProto] = [
      .string("mode", mode), .integers("pool_int64s", pool), .integers("ngram_counts", starts),
      .integers("ngram_indexes", places), .integer("min_gram_length", minimumLength),
      .integer("max_gram_length", maximumLength), .integer("max_skip_count", skips),
    ]
    return attributes + (weights.isEmpty ? [] : [.floats("weights", weights)])
  }
}
