import GraphIR
import Operators
import Support
import Tensors

/// Convolutions, matrix products and pools, and the operators of TFLite that they are written as.
extension TFLiteExporter {
  static let convolutions = [
    TFLiteEncoder(BatchMatMul.self) { op, _ in
      TFLiteOperation(
        "BATCH_MATMUL", "BatchMatMulOptions",
        [
          "adj_x": .boolean(op.transposesFirst), "adj_y": .boolean(op.transposesSecond),
          "asymmetric_quantize_inputs": .boolean(op.quantizesAsymmetrically),
        ])
    },
    TFLiteEncoder(Conv2D.self) { op, site in
      try site.checkRescaling(op.rescaling)
      return TFLiteOperation(
        "CONV_2D", "Conv2DOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .dilation(op.dilation) + .bias(site),
        reading: [.operand(0), .operand(1), site.bias(channelAxis: Conv2D.channelAxis)])
    },
    TFLiteEncoder(Conv3D.self) { op, site in
      TFLiteOperation(
        "CONV_3D", "Conv3DOptions", try .volume(op.stride, op.dilation, op.padding, op.clamp, site))
    },
    TFLiteEncoder(DepthwiseConv2D.self) { op, site in
      try site.checkRescaling(op.rescaling)
      let multiplier = site.operands[1].shape[3] / site.operands[0].shape[3]
      return TFLiteOperation(
        "DEPTHWISE_CONV_2D", "DepthwiseConv2DOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .dilation(op.dilation)
          + ["depth_multiplier": .integer(multiplier)],
        reading: [.operand(0), .operand(1), site.bias(channelAxis: DepthwiseConv2D.channelAxis)])
    },
    TFLiteEncoder(FullyConnected.self) { op, site in
      try site.checkRescaling(op.rescaling)
      return TFLiteOperation(
        "FULLY_CONNECTED", "FullyConnectedOptions",
        [
          "fused_activation_function": try .activation(op.clamp, site),
          "keep_num_dims": .boolean(op.keepsAxes),
          "asymmetric_quantize_inputs": .boolean(op.quantizesAsymmetrically),
        ] + .bias(site))
    },
    // The first operand is the shape of the result.
    TFLiteEncoder(TransposeConv2D.self) { op, site in
      guard site.operands[0].shape[3] == site.operands[1].shape[3] else {
        throw Diagnostic(
          .notInTFLite("TRANSPOSE_CONV", "of groups of channels"), help: Diagnostic.otherFormats)
      }
      return TFLiteOperation(
        "TRANSPOSE_CONV", "TransposeConvOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .bias(site), reading: site.behindShape)
    },
    TFLiteEncoder(TransposeConv3D.self) { op, site in
      TFLiteOperation(
        "CONV_3D_TRANSPOSE", "Conv3DOptions",
        try .volume(op.stride, op.dilation, op.padding, op.clamp, site), reading: site.behindShape)
    },
  ]

  static let pooling = [
    TFLiteEncoder(AveragePool2D.self) { op, site in
      TFLiteOperation(
        "AVERAGE_POOL_2D", "Pool2DOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .kernel(op.kernel))
    },
    TFLiteEncoder(L2Pool2D.self) { op, site in
      TFLiteOperation(
        "L2_POOL_2D", "Pool2DOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .kernel(op.kernel))
    },
    TFLiteEncoder(MaxPool2D.self) { op, site in
      TFLiteOperation(
        "MAX_POOL_2D", "Pool2DOptions",
        try .window(op.stride, op.padding, op.clamp, site) + .kernel(op.kernel))
    },
    TFLiteEncoder(ResizeBilinear.self) { op, _ in
      .resizing("RESIZE_BILINEAR", "ResizeBilinearOptions", op)
    },
    TFLiteEncoder(ResizeNearestNeighbor.self) { op, _ in
      .resizing("RESIZE_NEAREST_NEIGHBOR", "ResizeNearestNeighborOptions", op)
    },
  ]
}

extension TFLiteOptions {
  /// The size of a pool's window.
  fileprivate static func kernel(_ kernel: [Int]) -> Self {
    ["filter_width": .integer(kernel[1]), "filter_height": .integer(kernel[0])]
  }
}

extension TFLiteOperation {
  fileprivate static func resizing(_ kind: String, _ table: String, _ op: some ResizeOperator)
    -> Self
  {
    TFLiteOperation(
      kind, table,
      [
        "align_corners": .boolean(op.alignsCorners),
        "half_pixel_centers": .boolean(op.usesHalfPixelCenters),
      ], reading: [.operand(0), .integers(op.size)])
  }
}

extension Site {
  /// The bias of a convolution: one of zeros stands where there is none, for LiteRT asks for one, and XNNPACK reads one.
  fileprivate func bias(channelAxis: Int) -> TFLiteOperation.Operand {
    guard operands.count < 3 else { return .operand(2) }
    let channels = operands[1].shape[channelAxis]
    let element: ElementType =
      operands[0].element.isFloat ? .f32 : operands[0].element == .i16 ? .i64 : .i32
    let type = TensorType(element, [channels], element.isFloat ? nil : biasQuantization)
    return .constant(Tensor(type, numbers: Array(repeating: 0, count: channels)))
  }

  /// The scales of sums: those of the image times those of the weights.
  private var biasQuantization: Quantization? {
    guard let image = operands[0].quantization, let weights = operands[1].quantization else {
      return nil
    }
    return Quantization(
      axis: weights.isPerTensor ? nil : 0, scales: weights.scales.map { $0 * image.scale },
      zeroPoints: weights.scales.map { _ in 0 })
  }

  /// The operands of transposed convolutions.
  fileprivate var behindShape: [TFLiteOperation.Operand] {
    [.integers(results[0].shape.extents), .operand(1), .operand(0)]
      + (operands.count > 2 ? [.operand(2)] : [])
  }

  /// Integers of the file are rescaled as LiteRT's kernels do it, and in no other way.
  func checkRescaling(_ rescaling: Rescaling) throws {
    guard rescaling == .tflite || results[0].element.isFloat else {
      throw Diagnostic(
        .foreignRescaling, help: "quantize for TFLite, or name the file `.onnx` or `.graph`")
    }
  }
}

extension Diagnostic.Message {
  fileprivate static var foreignRescaling: Self {
    Self(
      id: "tflite-no-counterpart", .unsupported,
      "its integers are rescaled as ONNX has it (with factors in single precision), which no "
        + "operator of TFLite does")
  }
}
