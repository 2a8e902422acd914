import GraphIR
import Operators
import Support

/// Convolutions, matrix products and pools of TFLite, and what they become.
extension TFLiteImporter {
  static let convolutions: [String: TFLiteConverter] = [
    "BATCH_MATMUL": {
      $0.becomes(
        BatchMatMul(
          transposesFirst: try $0.integer("adj_x") != 0,
          transposesSecond: try $0.integer("adj_y") != 0,
          quantizesAsymmetrically: try $0.quantizesAsymmetrically(),
          keepsSums: try $0.resultType().element == .i32))
    },
    "CONV_2D": { node in
      node.becomes(
        Conv2D(
          stride: try node.pair("stride_h", "stride_w"),
          dilation: try node.pair("dilation_h_factor", "dilation_w_factor"),
          padding: try node.padding(), clamp: try node.fusedActivation()),
        operands: 3)
    },
    // MediaPipe's form of a transposed convolution; its options are three numbers of 32 bits.
    "Convolution2DTransposeBias": { node in
      let numbers = node.customOptions.count >= 12 ? (0..<3).map(node.customNumber) : [0, 0, 0]
      let paddings: [Int: Padding] = [1: .same, 2: .valid]
      guard let padding = paddings[numbers[0]] else {
        throw Diagnostic(.unknownPadding(numbers[0]))
      }
      let op = TransposeConv2D(
        size: Array(try node.resultExtents().dropFirst().prefix(2)),
        stride: [numbers[2], numbers[1]], padding: padding)
      return node.becomes(op, operands: 3)
    },
    "CONV_3D": { node in
      let axes = ["d", "h", "w"]
      return node.becomes(
        Conv3D(
          stride: try axes.map { try node.integer("stride_\($0)") },
          dilation: try axes.map { try node.integer("dilation_\($0)_factor") },
          padding: try node.padding(), clamp: try node.fusedActivation()),
        operands: 3)
    },
    // As for `TRANSPOSE_CONV`, the first operand is the shape of the result.
    "CONV_3D_TRANSPOSE": { node in
      let axes = ["d", "h", "w"]
      let op = TransposeConv3D(
        size: Array(try node.shape(operand: 0).dropFirst().prefix(3)),
        stride: try axes.map { try node.integer("stride_\($0)") },
        dilation: try axes.map { try node.integer("dilation_\($0)_factor") },
        padding: try node.padding(), clamp: try node.fusedActivation())
      let operands = [2, 1, 3].compactMap { node.optionalOperand($0) }
      return TFLiteConversion(op: op, operands: operands)
    },
    "DEPTHWISE_CONV_2D": { node in
      node.becomes(
        DepthwiseConv2D(
          stride: try node.pair("stride_h", "stride_w"),
          dilation: try node.pair("dilation_h_factor", "dilation_w_factor"),
          padding: try node.padding(), clamp: try node.fusedActivation()),
        operands: 3)
    },
    "FULLY_CONNECTED": { node in
      // 1 is `SHUFFLED4x16INT8`, an order for one processor's vectors.
      guard try node.integer("weights_format") == 0 else { throw Diagnostic(.shuffledWeights) }
      let keepsAxes = try node.integer("keep_num_dims") != 0
      let op = FullyConnected(
        keepsAxes: keepsAxes, clamp: try node.fusedActivation(),
        quantizesAsymmetrically: try node.quantizesAsymmetrically())
      return node.becomes(op, operands: 3)
    },
    // The first operand is the shape of the result, which the file also has where it is computed.
    "TRANSPOSE_CONV": { node in
      let extents = try node.constantIntegers(operand: 0) ?? node.resultExtents()
      let size = Array(extents.dropFirst().prefix(2))
      let op = TransposeConv2D(
        size: size, stride: try node.pair("stride_h", "stride_w"), padding: try node.padding(),
        clamp: try node.fusedActivation())
      let operands = [2, 1, 3].compactMap { node.optionalOperand($0) }
      return TFLiteConversion(op: op, operands: operands)
    },
  ]

  static let pooling: [String: TFLiteConverter] = [
    "AVERAGE_POOL_2D": { node in
      node.becomes(
        AveragePool2D(
          kernel: try node.pair("filter_height", "filter_width"),
          stride: try node.pair("stride_h", "stride_w"), padding: try node.padding(),
          clamp: try node.fusedActivation()))
    },
    "L2_POOL_2D": { node in
      node.becomes(
        L2Pool2D(
          kernel: try node.pair("filter_height", "filter_width"),
          stride: try node.pair("stride_h", "stride_w"), padding: try node.padding(),
          clamp: try node.fusedActivation()))
    },
    "RESIZE_BILINEAR": { node in
      node.becomes(
        ResizeBilinear(
          size: try node.constant(operand: 1),
          alignsCorners: try node.integer("align_corners") != 0,
          usesHalfPixelCenters: try node.integer("half_pixel_centers") != 0), operands: 1)
    },
    "RESIZE_NEAREST_NEIGHBOR": { node in
      node.becomes(
        ResizeNearestNeighbor(
          size: try node.constant(operand: 1),
          alignsCorners: try node.integer("align_corners") != 0,
          usesHalfPixelCenters: try node.integer("half_pixel_centers") != 0), operands: 1)
    },
    "MAX_POOL_2D": { node in
      node.becomes(
        MaxPool2D(
          kernel: try node.pair("filter_height", "filter_width"),
          stride: try node.pair("stride_h", "stride_w"), padding: try node.padding(),
          clamp: try node.fusedActivation()))
    },
  ]
}

extension TFLiteNode {
  fileprivate func pair(_ height: String, _ width: String) throws -> [Int] {
    [try integer(height), try integer(width)]
  }

  /// Means something where only the weights are quantized.
  fileprivate func quantizesAsymmetrically() throws -> Bool {
    try integer("asymmetric_quantize_inputs") != 0 && operandType(0).element == .f32
      && operandType(1).element != .f32
  }

  /// One of the numbers of 32 bits that custom options consist of.
  fileprivate func customNumber(_ position: Int) -> Int {
    let bytes = customOptions[4 * position..<4 * position + 4]
    let bits = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    return Int(Int32(bitPattern: bits))
  }

  fileprivate func padding() throws -> Padding {
    switch try integer("padding") {
    case 0: return .same
    case 1: return .valid
    case let code: throw Diagnostic(.unknownPadding(code))
    }
  }

  /// For operators to whose options the schema gives an activation that no kernel computes.
  func hasNoActivation() throws {
    let code = try integer("fused_activation_function")
    guard code == 0 else { throw Diagnostic(.unsupportedActivation(code)) }
  }

  /// What `ActivationFunctionType` means as a range.
  func fusedActivation() throws -> Clamp {
    switch try integer("fused_activation_function") {
    case 0: return .none
    case 1: return .relu
    case 2: return .reluN1To1
    case 3: return .relu6
    case let code: throw Diagnostic(.unsupportedActivation(code))
    }
  }
}

extension Diagnostic.Message {
  fileprivate static var shuffledWeights: Self {
    Self(id: "shuffled-weights", .unsupported, "the weights are stored in shuffled order")
  }

  fileprivate static func unknownPadding(_ code: Int) -> Self {
    Self(id: "unknown-padding", .malformed, "there is no padding \(code)")
  }

  fileprivate static func unsupportedActivation(_ code: Int) -> Self {
    Self(
      id: "unsupported-activation", .unsupported,
      "fused activation function \(code) is not supported")
  }
}
