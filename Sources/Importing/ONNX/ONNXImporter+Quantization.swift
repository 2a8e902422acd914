import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// Operators on integers that stand for real numbers, with scales and zero points as operands.
  static let quantization: [String: ONNXConverter] = [
    "QuantizeLinear": { node, builder in [.tensor(try quantize(node, &builder))] },
    "DequantizeLinear": { node, builder in [.tensor(try dequantize(node, &builder))] },
    "DynamicQuantizeLinear": { node, builder in
      try builder.insert(DynamicQuantize(), [builder.cast(node.operand(0), to: .f32)])
        .map { .tensor($0) }
    },
    "MatMulInteger": { node, builder in
      [
        .tensor(
          try builder.byteProduct(
            node.operand(0), node.operand(1), node.optional(2), node.optional(3)))
      ]
    },
    "ConvInteger": { node, builder in
      let form = try ONNXByteConvolution(node, image: 0, weights: 1, &builder)
      return [.tensor(try form.sums(node.optional(2), node.optional(3), &builder))]
    },
    "QLinearConv": { node, builder in [.tensor(try convolve(node, &builder))] },
    "QLinearMatMul": { node, builder in [.tensor(try multiply(node, &builder))] },
  ]

  private static func quantize(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let zeroPoint = try node.optional(2)
    let declared = try node.integer("output_dtype", default: 0)
    let element =
      try zeroPoint.map(builder.element)
      ?? (declared == 0 ? .u8 : ONNXTensors.element(declared, "output_dtype"))
    return try builder.quantize(
      node.operand(0), ONNXScale(node, zeroPoint, &builder), to: element,
      saturates: node.integer("saturate", default: 1) != 0)
  }

  private static func dequantize(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let scale = try ONNXScale(node, node.optional(2), &builder)
    let numbers = try builder.dequantize(node.operand(0), scale)
    let declared = try node.integer("output_dtype", default: 0)
    return try builder.cast(
      numbers,
      to: declared == 0
        ? builder.element(scale.scale) : ONNXTensors.element(declared, "output_dtype"))
  }

  /// Products of stored numbers, rescaled.
  private static func multiply(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let a = try ONNXQuantizedOperand(node, at: 0)
    let b = try ONNXQuantizedOperand(node, at: 3)
    let result = try ONNXScale(node.operand(6), node.operand(7))
    if let product = try builder.layer(a, b, result) { return product }
    let sums = try builder.byteProduct(a.value, b.value, a.scale.zeroPoint, b.scale.zeroPoint)
    let rank = builder.shape(sums).rank
    // Scales of rows stand in a list too, and belong to the last axis but one.
    let rows = builder.shape(a.scale.scale)
    let rowScale =
      rows.rank == 1 && rows[0] > 1 && rank > 1
      ? try builder.reshape(a.scale.scale, [rows[0], 1]) : a.scale.scale
    let factor = try builder.factor(rowScale, b.scale.scale, result.scale)
    return try builder.stored(
      builder.apply(Multiply(), builder.cast(sums, to: .f32), factor), result.zeroPoint,
      as: builder.element(node.operand(7)))
  }

  private static func convolve(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let form = try ONNXByteConvolution(node, image: 0, weights: 3, &builder)
    let image = try ONNXScale(node.operand(1), node.operand(2))
    let weights = try ONNXScale(node.operand(4), node.operand(5))
    let result = try ONNXScale(node.operand(6), node.operand(7))
    let bias = try node.optional(8)
    if let convolved = try form.layer(image, weights, bias, result, &builder) { return convolved }
    var sums = try form.sums(image.zeroPoint, weights.zeroPoint, &builder)
    let rank = builder.shape(sums).rank
    if let bias { sums = try builder.apply(Add(), sums, builder.alongChannels(bias, rank: rank)) }
    let scales = try builder.alongChannels(weights.scale, rank: rank)
    let factor = try builder.factor(image.scale, scales, result.scale)
    return try builder.stored(
      builder.apply(Multiply(), builder.cast(sums, to: .f32), factor), result.zeroPoint,
      as: builder.element(node.operand(7)))
  }
}
