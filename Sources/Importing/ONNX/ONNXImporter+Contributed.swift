import GraphIR
import Operators
import Support
import Tensors

extension ONNXImporter {
  /// Operators that ONNX Runtime's tools write in place of the standard's, in the domain `com.microsoft`.
  static let contributed: [String: ONNXConverter] = [
    "com.microsoft:QLinearAdd": { try pair($0, &$1, Add()) },
    "com.microsoft:QLinearMul": { try pair($0, &$1, Multiply()) },
    "com.microsoft:QLinearSigmoid": {
      try function($0, &$1) { value, builder in
        try builder.apply(Logistic(), value)
      }
    },
    "com.microsoft:QLinearLeakyRelu": { node, builder in
      let slope = try node.float("alpha", default: 0.01)
      return try function(node, &builder) { try $1.apply(LeakyReLU(slope: slope), $0) }
    },
    "com.microsoft:QLinearGlobalAveragePool": { node, builder in
      let isLast = try node.integer("channels_last", default: 0) != 0
      return try function(node, &builder) { value, builder in
        let rank = builder.shape(value).rank
        let axes = isLast ? Array(1..<max(1, rank - 1)) : Array(min(2, rank)..<rank)
        return try builder.apply(Mean(axes: axes, keepsAxes: true), value)
      }
    },
    "com.microsoft:QLinearConcat": { node, builder in [.tensor(try concatenate(node, &builder))] },
    "com.microsoft:QGemm": { node, builder in [.tensor(try multiply(node, &builder))] },
    "com.microsoft:DynamicQuantizeMatMul": { node, builder in
      let found = try builder.insert(
        DynamicQuantize(), [builder.cast(node.operand(0), to: .f32)])
      let sums = try builder.byteProduct(found[0], node.operand(1), found[2], node.optional(3))
      return try real(sums, found[1], node.operand(2), node.optional(4), &builder)
    },
    "com.microsoft:MatMulIntegerToFloat": { node, builder in
      let sums = try builder.byteProduct(
        node.operand(0), node.operand(1), node.optional(4), node.optional(5))
      return try real(sums, node.operand(2), node.operand(3), node.optional(6), &builder)
    },
    "com.microsoft:Gelu": { node, builder in [.tensor(try builder.apply(GELU(), node.operand(0)))]
    },
    "com.microsoft:BiasGelu": { node, builder in
      let sum = try builder.apply(Add(), node.operand(0), node.operand(1))
      return [.tensor(try builder.apply(GELU(), sum))]
    },
    "com.microsoft:FastGelu": { node, builder in
      let x = try node.operand(0)
      let sum = try node.optional(1).map { try builder.apply(Add(), x, $0) } ?? x
      return [.tensor(try builder.apply(GELU(isApproximate: true), sum))]
    },
    "com.microsoft:SkipLayerNormalization": { node, builder in try normalizeSum(node, &builder) },
  ]

  /// A function of two quantized operands, computed with real numbers.
  private static func pair(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder, _ op: any Operator
  ) throws -> [ONNXValue] {
    let operands = try [0, 3].map { try ONNXQuantizedOperand(node, at: $0) }
    let real = try operands.map { try builder.dequantize($0.value, $0.scale) }
    let result = try ONNXScale(node.operand(6), node.optional(7))
    return [
      .tensor(
        try builder.quantize(
          builder.apply(op, real), result, to: builder.element(operands[0].value)))
    ]
  }

  /// A function of one quantized operand, computed with real numbers.
  private static func function(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder,
    _ compute: (ValueID, inout ONNXGraphBuilder) throws -> ValueID
  ) throws -> [ONNXValue] {
    let operand = try ONNXQuantizedOperand(node, at: 0)
    let real = try compute(builder.dequantize(operand.value, operand.scale), &builder)
    let result = try ONNXScale(node.operand(3), node.optional(4))
    return [.tensor(try builder.quantize(real, result, to: builder.element(operand.value)))]
  }

  /// Quantized operands beside each other, behind scale and zero point of the result.
  private static func concatenate(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let operands = try stride(from: 2, to: node.operandCount, by: 3).map {
      try ONNXQuantizedOperand(node, at: $0)
    }
    let real = try operands.map { try builder.dequantize($0.value, $0.scale) }
    guard let first = operands.first else { throw Diagnostic(.nothingToConcatenate) }
    let axis = try node.axis(node.integer("axis"), rank: builder.shape(first.value).rank)
    return try builder.quantize(
      builder.apply(Concatenation(axis: axis), real),
      ONNXScale(node.operand(0), node.optional(1)), to: builder.element(first.value))
  }

  /// Products of stored numbers and a bias in steps of both scales, rescaled or made real numbers.
  private static func multiply(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> ValueID {
    let a = try ONNXQuantizedOperand(node, at: 0)
    let b = try ONNXQuantizedOperand(node, at: 3)
    let transposes = try ["transA", "transB"].map { try node.integer($0, default: 0) != 0 }
    for value in [a.value, b.value] where builder.shape(value).rank != 2 {
      throw Diagnostic(.noMatrix(builder.shape(value)))
    }
    var sums = try builder.byteProduct(
      transposes[0] ? builder.swapLastAxes(a.value) : a.value,
      transposes[1] ? builder.swapLastAxes(b.value) : b.value, a.scale.zeroPoint,
      b.scale.zeroPoint)
    if let bias = try node.optional(6) { sums = try builder.apply(Add(), sums, bias) }
    let scales = try builder.scaled(
      builder.apply(Multiply(), a.scale.scale, b.scale.scale), by: node.float("alpha", default: 1))
    let numbers = try builder.cast(sums, to: .f32)
    guard let scale = try node.optional(7) else {
      return try builder.apply(Multiply(), numbers, scales)
    }
    let factor = try builder.apply(Divide(), scales, scale)
    let zeroPoint = try node.optional(8)
    return try builder.stored(
      builder.apply(Multiply(), numbers, factor), zeroPoint,
      as: builder.element(zeroPoint ?? a.value))
  }

  /// Sums of products as real numbers, with a bias.
  private static func real(
    _ sums: ValueID, _ a: ValueID, _ b: ValueID, _ bias: ValueID?,
    _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    let scale = try builder.apply(Multiply(), a, b)
    let numbers = try builder.apply(Multiply(), builder.cast(sums, to: .f32), scale)
    return [.tensor(try bias.map { try builder.apply(Add(), numbers, $0) } ?? numbers)]
  }

  /// The sum of two tensors and a bias, normalized over its last axis; the fourth result is the sum.
  private static func normalizeSum(
    _ node: ONNXNode, _ builder: inout ONNXGraphBuilder
  ) throws -> [ONNXValue] {
    var sum = try builder.apply(Add(), node.operand(0), node.operand(1))
    if let bias = try node.optional(4) { sum = try builder.apply(Add(), sum, bias) }
    let x = try builder.cast(sum, to: .f32)
    let mean = try builder.apply(Mean(axes: [-1], keepsAxes: true), x)
    let variance = try builder.apply(
      Mean(axes: [-1], keepsAxes: true), builder.apply(SquaredDifference(), x, mean))
    let epsilon = builder.scalar(Double(try node.float("epsilon", default: 1e-12)), .f32)
    let inverse = try builder.apply(
      ReciprocalSquareRoot(), builder.apply(Add(), variance, epsilon))
    let centered = try builder.apply(Subtract(), x, mean)
    var y = try builder.apply(
      Multiply(), builder.apply(Multiply(), centered, inverse),
      builder.cast(node.operand(2), to: .f32))
    if let beta = try node.optional(3) {
      y = try builder.apply(Add(), y, builder.cast(beta, to: .f32))
    }
    return [try builder.cast(y, to: builder.element(sum)), mean, inverse, sum].map { .tensor($0) }
  }
}

extension Diagnostic.Message {
  fileprivate static var nothingToConcatenate: Self {
    Self(id: "onnx-operand", .malformed, "`QLinearConcat` has nothing to concatenate")
  }

  fileprivate static func noMatrix(_ shape: Shape) -> Self {
    Self(
      id: "onnx-product-shapes", .malformed, "an operand of `QGemm` has shape \(shape), no matrix's"
    )
  }
}
