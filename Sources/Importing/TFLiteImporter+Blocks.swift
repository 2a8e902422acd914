import GraphIR
import Operators
import Support
import Tensors

/// Operators of TFLite that move blocks or repeat, reverse or arrange what they move, and what they become.
extension TFLiteImporter {
  static let blocks: [String: TFLiteConverter] = [
    "BATCH_TO_SPACE_ND": { node in
      let block = try node.constant(operand: 1)
      let crops = try node.pads(operand: 2)
      return try node.becomes(
        BatchToSpace(block: block, before: crops.before, after: crops.after), reading: [0])
    },
    "DEPTH_TO_SPACE": { $0.becomes(DepthToSpace(blockSize: try $0.integer("block_size"))) },
    "MATRIX_DIAG": { $0.becomes(MatrixDiagonal()) },
    "MATRIX_SET_DIAG": { $0.becomes(MatrixSetDiagonal()) },
    "REVERSE_V2": { node in
      let extents = try node.operandType(0).shape.extents
      let axes = try node.constant(operand: 1).map { $0 < 0 ? $0 + extents.count : $0 }
      guard axes.allSatisfy(extents.indices.contains) else {
        throw Diagnostic(.reversedAxes(axes, extents.count))
      }
      let isReversed = extents.indices.map(axes.contains)
      return try node.becomes(
        StridedSlice(
          begin: extents.indices.map { isReversed[$0] ? extents[$0] - 1 : 0 }, size: extents,
          step: isReversed.map { $0 ? -1 : 1 }), reading: [0])
    },
    "SPACE_TO_BATCH_ND": { node in
      let block = try node.constant(operand: 1)
      let pads = try node.pads(operand: 2)
      return try node.becomes(
        SpaceToBatch(block: block, before: pads.before, after: pads.after), reading: [0])
    },
    "SPACE_TO_DEPTH": { $0.becomes(SpaceToDepth(blockSize: try $0.integer("block_size"))) },
    "TILE": { try $0.becomes(Repeat(counts: $0.constant(operand: 1)), reading: [0]) },
  ]
}

extension Diagnostic.Message {
  fileprivate static func reversedAxes(_ axes: [Int], _ rank: Int) -> Self {
    Self(
      id: "axis-out-of-range", .malformed,
      "axes \(axes) to reverse do not all exist in rank \(rank)")
  }
}
