import GraphIR
import Operators
import Support
import Tensors

/// Operators that move elements, and those of TFLite that they are written as.
extension TFLiteExporter {
  static let layout = [
    TFLiteEncoder(Concatenation.self) { op, _ in
      TFLiteOperation(
        "CONCATENATION", "ConcatenationOptions",
        ["axis": .integer(op.axis), "fused_activation_function": .name("NONE")])
    },
    TFLiteEncoder(MirrorPad.self) { op, _ in
      TFLiteOperation(
        "MIRROR_PAD", "MirrorPadOptions",
        ["mode": .name(op.repeatsBorder ? "SYMMETRIC" : "REFLECT")],
        reading: [.operand(0), .pairs(op.before, op.after)])
    },
    TFLiteEncoder(Pack.self) { op, site in
      TFLiteOperation(
        "PACK", "PackOptions",
        ["values_count": .integer(site.operands.count), "axis": .integer(op.axis)])
    },
    TFLiteEncoder(Pad.self) { op, site in
      let pads = TFLiteOperation.Operand.pairs(op.before, op.after)
      if site.operands.count > 1 {
        return TFLiteOperation("PADV2", "PadV2Options", reading: [.operand(0), pads, .operand(1)])
      }
      guard op.value.bitPattern != 0 else {
        return TFLiteOperation("PAD", "PadOptions", reading: [.operand(0), pads])
      }
      return TFLiteOperation(
        "PADV2", "PadV2Options",
        reading: [.operand(0), pads, .constant(op.border(of: site.operands[0]))])
    },
    TFLiteEncoder(Repeat.self) { op, _ in
      TFLiteOperation("TILE", reading: [.operand(0), .integers(op.counts)])
    },
    TFLiteEncoder(Reshape.self) { _, site in
      let extents = site.results[0].shape.extents
      return TFLiteOperation(
        "RESHAPE", "ReshapeOptions", ["new_shape": .integers(extents)],
        reading: [.operand(0), .integers(extents)])
    },
    TFLiteEncoder(ShapeOf.self) { _, site in
      TFLiteOperation("SHAPE", "ShapeOptions", ["out_type": try .element(site.results[0])])
    },
    TFLiteEncoder(Split.self) { op, _ in
      let count: TFLiteOptions = ["num_splits": .integer(op.sizes.count)]
      guard Set(op.sizes).count > 1 else {
        return TFLiteOperation(
          "SPLIT", "SplitOptions", count, reading: [.integer(op.axis), .operand(0)])
      }
      return TFLiteOperation(
        "SPLIT_V", "SplitVOptions", count,
        reading: [.operand(0), .integers(op.sizes), .integer(op.axis)])
    },
    TFLiteEncoder(StridedSlice.self) { op, _ in op.operation },
    TFLiteEncoder(Transpose.self) { op, _ in
      TFLiteOperation("TRANSPOSE", reading: [.operand(0), .integers(op.permutation)])
    },
    TFLiteEncoder(Unpack.self) { op, site in
      TFLiteOperation(
        "UNPACK", "UnpackOptions",
        ["num": .integer(site.results.count), "axis": .integer(op.axis)])
    },
  ]

  static let blocks = [
    TFLiteEncoder(BatchToSpace.self) { op, _ in
      TFLiteOperation(
        "BATCH_TO_SPACE_ND",
        reading: [.operand(0), .integers(op.block), .pairs(op.before, op.after)])
    },
    TFLiteEncoder(DepthToSpace.self) { op, _ in
      TFLiteOperation(
        "DEPTH_TO_SPACE", "DepthToSpaceOptions", ["block_size": .integer(op.blockSize)])
    },
    TFLiteEncoder(MatrixDiagonal.self, "MATRIX_DIAG"),
    TFLiteEncoder(MatrixSetDiagonal.self, "MATRIX_SET_DIAG"),
    TFLiteEncoder(SpaceToBatch.self) { op, _ in
      TFLiteOperation(
        "SPACE_TO_BATCH_ND",
        reading: [.operand(0), .integers(op.block), .pairs(op.before, op.after)])
    },
    TFLiteEncoder(SpaceToDepth.self) { op, _ in
      TFLiteOperation(
        "SPACE_TO_DEPTH", "SpaceToDepthOptions", ["block_size": .integer(op.blockSize)])
    },
  ]

  static let sequences = [
    TFLiteEncoder(ArithmeticSequence.self) { op, site in
      let limit = try op.limit(site)
      return TFLiteOperation(
        "RANGE", reading: [.operand(0), .constant(limit), .operand(1)])
    },
    TFLiteEncoder(BroadcastShape.self, "BROADCAST_ARGS"),
    TFLiteEncoder(BroadcastTo.self) { _, site in
      TFLiteOperation(
        "BROADCAST_TO", reading: [.operand(0), .integers(site.results[0].shape.extents)])
    },
    TFLiteEncoder(RankOf.self, "RANK"),
    TFLiteEncoder(ZerosLike.self, "ZEROS_LIKE"),
  ]
}

extension Pad {
  /// What is added, as an operand.
  fileprivate func border(of type: TensorType) -> Tensor {
    let scalar = TensorType(type.element, [], type.quantization)
    let stored = type.quantization.map { Double(value / $0.scale) + Double($0.zeroPoint) }
    return Tensor(scalar, numbers: [stored ?? Double(value)])
  }
}

extension StridedSlice {
  /// A slice of neighbours, or one with steps.
  fileprivate var operation: TFLiteOperation {
    guard step.contains(where: { $0 != 1 }) else {
      return TFLiteOperation("SLICE", reading: [.operand(0), .integers(begin), .integers(size)])
    }
    // Backward, the end in front of the first element has no number: −1 would count from the back.
    let ends = begin.indices.map { begin[$0] + (size[$0] - 1) * step[$0] + step[$0].signum() }
    let open = ends.indices.reduce(0) { ends[$1] < 0 ? $0 | 1 << $1 : $0 }
    return TFLiteOperation(
      "STRIDED_SLICE", "StridedSliceOptions", ["end_mask": .integer(open)],
      reading: [
        .operand(0), .integers(begin), .integers(ends.map { max($0, 0) }), .integers(step),
      ])
  }
}

extension ArithmeticSequence {
  /// A limit that lets TFLite count to the same number; between the last number and the next where there are fractions.
  fileprivate func limit(_ site: Site) throws -> Tensor {
    let bounds = zip(site.operands, site.constants).compactMap { type, data in
      data.map { Tensor(type, $0).storedNumbers[0] }
    }
    let type = TensorType(site.operands[0].element, [])
    guard bounds.count == 2 else {
      throw Diagnostic(
        .notInTFLite("RANGE", "whose start and step are computed, and whose length is known"),
        help: Diagnostic.otherFormats)
    }
    let steps = type.element.isFloat ? Double(count) - 0.5 : Double(count)
    return Tensor(type, numbers: [bounds[0] + steps * bounds[1]])
  }
}
