import GraphIR
import Operators
import Support
import Tensors

/// Operators of TFLite that look up or place elements by index, and what they become.
extension TFLiteImporter {
  static let indexing: [String: TFLiteConverter] = [
    "ARG_MAX": { node in
      let element = try node.resultType().element
      return try node.becomes(
        ArgMax(axis: node.number(operand: 1), element: element), reading: [0])
    },
    "ARG_MIN": { node in
      let element = try node.resultType().element
      return try node.becomes(
        ArgMin(axis: node.number(operand: 1), element: element), reading: [0])
    },
    "DYNAMIC_UPDATE_SLICE": { $0.becomes(DynamicUpdateSlice()) },
    "EMBEDDING_LOOKUP": { node in
      let isRescaled = try node.resultType().element != node.operandType(1).element
      return isRescaled
        ? node.becomes(EmbeddingLookup()) : try node.becomes(Gather(axis: 0), reading: [1, 0])
    },
    "GATHER": { node in
      let batchAxes = try node.integer("batch_dims")
      let rank = try node.operandType(1).shape.rank
      return node.becomes(
        Gather(
          axis: try node.integer("axis"), batchAxes: batchAxes < 0 ? batchAxes + rank : batchAxes))
    },
    "GATHER_ND": { $0.becomes(GatherND()) },
    "ONE_HOT": { node in
      let depth = try node.number(operand: 1)
      return try node.becomes(
        OneHot(depth: depth, axis: node.integer("axis")), reading: [0, 2, 3])
    },
    "REVERSE_SEQUENCE": { node in
      node.becomes(
        ReverseSequence(
          axis: try node.integer("seq_dim"), batchAxis: try node.integer("batch_dim")))
    },
    "SCATTER_ND": { node in
      try node.becomes(ScatterND(shape: node.shape(operand: 2)), reading: [0, 1])
    },
    "SEGMENT_SUM": { node in
      let count = try node.constantIntegers(operand: 1)?.max().map { $0 + 1 }
      guard let count = try count ?? node.knownResultExtents()?.first else {
        throw Diagnostic(.elementsDecide(1))
      }
      return node.becomes(SegmentSum(count: count))
    },
    "SPARSE_TO_DENSE": { node in
      try node.becomes(SparseToDense(shape: node.shape(operand: 1)), reading: [0, 2, 3])
    },
    "TOPK_V2": { node in
      try node.becomes(TopK(count: node.number(operand: 1)), reading: [0])
    },
    "UNSORTED_SEGMENT_MAX": {
      try $0.becomes(UnsortedSegmentMaximum(count: $0.segmentCount()), reading: [0, 1])
    },
    "UNSORTED_SEGMENT_MIN": {
      try $0.becomes(UnsortedSegmentMinimum(count: $0.segmentCount()), reading: [0, 1])
    },
    "UNSORTED_SEGMENT_PROD": {
      try $0.becomes(UnsortedSegmentProduct(count: $0.segmentCount()), reading: [0, 1])
    },
    "UNSORTED_SEGMENT_SUM": {
      try $0.becomes(UnsortedSegmentSum(count: $0.segmentCount()), reading: [0, 1])
    },
    "WHERE": { node in
      guard let condition = try node.constantTensor(operand: 0) else {
        throw Diagnostic(.elementsDecide(0))
      }
      let count = condition.storedNumbers.count { $0 != 0 }
      var conversion = node.becomes(Where(count: count))
      conversion.infersShapes = true
      return conversion
    },
  ]
}

extension TFLiteNode {
  /// How many segments there are: what operand 2 says, or the result's first extent.
  fileprivate func segmentCount() throws -> Int {
    let numbers = try constantIntegers(operand: 2)
    guard let count = try numbers?.first ?? knownResultExtents()?.first else {
      throw Diagnostic(.elementsDecide(2))
    }
    return count
  }
}

extension Diagnostic.Message {
  fileprivate static func elementsDecide(_ operand: Int) -> Self {
    Self(
      id: "open-result-shape", .unsupported,
      "the elements of operand \(operand) decide the result's shape, and are not constant")
  }
}
