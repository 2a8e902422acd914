import GraphIR
import Operators
import Support
import Tensors

/// Operators that look up or place elements by index, and those of TFLite that they are written as.
extension TFLiteExporter {
  static let indexing = [
    TFLiteEncoder(ArgMax.self) { op, site in try .placing("ARG_MAX", "ArgMaxOptions", op, site) },
    TFLiteEncoder(ArgMin.self) { op, site in try .placing("ARG_MIN", "ArgMinOptions", op, site) },
    TFLiteEncoder(DynamicUpdateSlice.self, "DYNAMIC_UPDATE_SLICE"),
    TFLiteEncoder(EmbeddingLookup.self, "EMBEDDING_LOOKUP"),
    TFLiteEncoder(Gather.self) { op, site in
      try site.checkIndices(1, op.countsFromBack, "GATHER")
      return TFLiteOperation(
        "GATHER", "GatherOptions",
        ["axis": .integer(op.axis), "batch_dims": .integer(op.batchAxes)])
    },
    TFLiteEncoder(GatherND.self) { op, site in
      try site.checkIndices(1, op.countsFromBack, "GATHER_ND")
      guard op.batchAxes == 0 else {
        throw Diagnostic(
          .notInTFLite("GATHER_ND", "with axes of batches"), help: Diagnostic.otherFormats)
      }
      return TFLiteOperation("GATHER_ND")
    },
    TFLiteEncoder(OneHot.self) { op, site in
      try site.checkIndices(0, op.countsFromBack, "ONE_HOT")
      return TFLiteOperation(
        "ONE_HOT", "OneHotOptions", ["axis": .integer(op.axis)],
        reading: [.operand(0), .integer(op.depth), .operand(1), .operand(2)])
    },
    TFLiteEncoder(ReverseSequence.self) { op, _ in
      TFLiteOperation(
        "REVERSE_SEQUENCE", "ReverseSequenceOptions",
        ["seq_dim": .integer(op.axis), "batch_dim": .integer(op.batchAxis)])
    },
    TFLiteEncoder(ScatterND.self) { op, site in
      TFLiteOperation(
        "SCATTER_ND",
        reading: [.operand(0), .operand(1), .shape(op.shape, as: site.operands[0].element)])
    },
    TFLiteEncoder(SegmentSum.self) { op, site in
      guard site.constants[1] != nil else {
        throw Diagnostic(
          .notInTFLite("SEGMENT_SUM", "of segments that are computed, and whose number is known"),
          help: Diagnostic.otherFormats)
      }
      return TFLiteOperation("SEGMENT_SUM")
    },
    TFLiteEncoder(SparseToDense.self) { op, site in
      TFLiteOperation(
        "SPARSE_TO_DENSE", "SparseToDenseOptions", [:],
        reading: [
          .operand(0), .shape(op.shape, as: site.operands[0].element), .operand(1), .operand(2),
        ])
    },
    TFLiteEncoder(TopK.self) { op, _ in
      guard !op.takesSmallest else {
        throw Diagnostic(
          .notInTFLite("TOPK_V2", "that takes the smallest"), help: Diagnostic.otherFormats)
      }
      return TFLiteOperation("TOPK_V2", reading: [.operand(0), .integer(op.count)])
    },
    TFLiteEncoder(UnsortedSegmentMaximum.self) { op, _ in .segments("UNSORTED_SEGMENT_MAX", op) },
    TFLiteEncoder(UnsortedSegmentMinimum.self) { op, _ in .segments("UNSORTED_SEGMENT_MIN", op) },
    TFLiteEncoder(UnsortedSegmentProduct.self) { op, _ in .segments("UNSORTED_SEGMENT_PROD", op) },
    TFLiteEncoder(UnsortedSegmentSum.self) { op, _ in .segments("UNSORTED_SEGMENT_SUM", op) },
    TFLiteEncoder(Where.self) { _, site in
      guard site.constants[0] != nil else {
        throw Diagnostic(
          .notInTFLite("WHERE", "of a condition that is computed, and whose hits are counted"),
          help: Diagnostic.otherFormats)
      }
      return TFLiteOperation("WHERE")
    },
  ]
}

extension TFLiteOperation {
  fileprivate static func placing(
    _ kind: String, _ table: String, _ op: some PlaceOperator, _ site: Site
  ) throws -> Self {
    guard !op.takesLast else {
      throw Diagnostic(
        .notInTFLite(kind, "that takes the last of equal elements"), help: Diagnostic.otherFormats)
    }
    return TFLiteOperation(
      kind, table, ["output_type": try .element(site.results[0])],
      reading: [.operand(0), .integer(op.axis)])
  }

  fileprivate static func segments(_ kind: String, _ op: some SegmentOperator) -> Self {
    TFLiteOperation(kind, reading: [.operand(0), .operand(1), .integer(op.count)])
  }
}

extension TFLiteOperation.Operand {
  /// A shape in the element type that indices have.
  fileprivate static func shape(_ extents: [Int], as element: ElementType) -> Self {
    .constant(Tensor(TensorType(element, [extents.count]), numbers: extents.map(Double.init)))
  }
}

extension Site {
  /// Indices of TFLite are counted from the front: others must be constants without negative ones.
  fileprivate func checkIndices(_ operand: Int, _ countsFromBack: Bool, _ kind: String) throws {
    let indices = constants[operand].map { Tensor(operands[operand], $0).storedNumbers }
    guard !countsFromBack || indices?.allSatisfy({ $0 >= 0 }) ?? false else {
      throw Diagnostic(
        .notInTFLite(kind, "with indices that count from the back"),
        help: Diagnostic.otherFormats)
    }
  }
}
