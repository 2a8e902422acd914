import GraphIR
import Operators
import Support

/// Operators that compute element by element, or along axes, and those of TFLite that they are written as.
extension TFLiteExporter {
  static let unary = [
    TFLiteEncoder(Abs.self, "ABS"),
    TFLiteEncoder(Ceil.self, "CEIL"),
    TFLiteEncoder(Cos.self, "COS"),
    TFLiteEncoder(ELU.self) { op, _ in
      guard op.alpha == 1 else { throw Diagnostic(.notInTFLite("ELU", "with a factor of its own")) }
      return TFLiteOperation("ELU")
    },
    TFLiteEncoder(Exp.self, "EXP"),
    TFLiteEncoder(Floor.self, "FLOOR"),
    TFLiteEncoder(HardSwish.self) { op, site in
      try site.checkRescaling(op.rescaling)
      return TFLiteOperation("HARD_SWISH")
    },
    TFLiteEncoder(LeakyReLU.self) { op, _ in
      TFLiteOperation("LEAKY_RELU", "LeakyReluOptions", ["alpha": .real(op.slope)])
    },
    TFLiteEncoder(Log.self, "LOG"),
    TFLiteEncoder(Logistic.self, "LOGISTIC"),
    TFLiteEncoder(Negate.self, "NEG"),
    TFLiteEncoder(ReLU.self, "RELU"),
    TFLiteEncoder(ReLU6.self, "RELU6"),
    TFLiteEncoder(ReciprocalSquareRoot.self, "RSQRT"),
    TFLiteEncoder(Round.self, "ROUND"),
    TFLiteEncoder(Sin.self, "SIN"),
    TFLiteEncoder(Square.self, "SQUARE"),
    TFLiteEncoder(SquareRoot.self, "SQRT"),
    TFLiteEncoder(Tanh.self, "TANH"),
  ]

  static let binary = [
    TFLiteEncoder(Add.self) { op, site in
      try site.checkRescaling(op.rescaling)
      return TFLiteOperation(
        "ADD", "AddOptions",
        try .activation(op.clamp, site)
          + ["pot_scale_int16": .boolean(op.shiftsPowersOfTwo)])
    },
    TFLiteEncoder(Divide.self) { op, site in
      TFLiteOperation("DIV", "DivOptions", try .activation(op.clamp, site))
    },
    TFLiteEncoder(Maximum.self, "MAXIMUM"),
    TFLiteEncoder(Minimum.self, "MINIMUM"),
    TFLiteEncoder(Multiply.self) { op, site in
      try site.checkRescaling(op.rescaling)
      return TFLiteOperation("MUL", "MulOptions", try .activation(op.clamp, site))
    },
    TFLiteEncoder(PReLU.self, "PRELU"),
    TFLiteEncoder(Select.self) { op, _ in
      TFLiteOperation(op.selectsRows ? "SELECT" : "SELECT_V2")
    },
    TFLiteEncoder(SquaredDifference.self, "SQUARED_DIFFERENCE"),
    TFLiteEncoder(Subtract.self) { op, site in
      TFLiteOperation(
        "SUB", "SubOptions",
        try .activation(op.clamp, site)
          + ["pot_scale_int16": .boolean(op.shiftsPowersOfTwo)])
    },
  ]

  static let arithmetic = [
    TFLiteEncoder(AddN.self, "ADD_N"),
    TFLiteEncoder(ArcTangent2.self, "ATAN2"),
    TFLiteEncoder(BitwiseXor.self, "BITWISE_XOR"),
    TFLiteEncoder(CumulativeSum.self) { op, _ in
      TFLiteOperation(
        "CUMSUM", "CumsumOptions",
        ["exclusive": .boolean(op.isExclusive), "reverse": .boolean(op.isReverse)],
        reading: [.operand(0), .integer(op.axis)])
    },
    TFLiteEncoder(FakeQuantize.self) { op, _ in
      TFLiteOperation(
        "FAKE_QUANT", "FakeQuantOptions",
        [
          "min": .real(op.lower), "max": .real(op.upper), "num_bits": .integer(op.bits),
          "narrow_range": .boolean(op.isNarrow),
        ])
    },
    TFLiteEncoder(FloorDivide.self, "FLOOR_DIV"),
    TFLiteEncoder(FloorModulo.self, "FLOOR_MOD"),
    TFLiteEncoder(GELU.self) { op, _ in
      TFLiteOperation("GELU", "GeluOptions", ["approximate": .boolean(op.isApproximate)])
    },
    TFLiteEncoder(Power.self, "POW"),
    TFLiteEncoder(ReLU0To1.self, "RELU_0_TO_1"),
    TFLiteEncoder(ReLUN1To1.self, "RELU_N1_TO_1"),
    TFLiteEncoder(RightShift.self, "RIGHT_SHIFT"),
    TFLiteEncoder(Sign.self, "SIGN"),
  ]

  static let logic = [
    TFLiteEncoder(Equal.self, "EQUAL"),
    TFLiteEncoder(Greater.self, "GREATER"),
    TFLiteEncoder(GreaterEqual.self, "GREATER_EQUAL"),
    TFLiteEncoder(Less.self, "LESS"),
    TFLiteEncoder(LessEqual.self, "LESS_EQUAL"),
    TFLiteEncoder(LogicalAnd.self, "LOGICAL_AND"),
    TFLiteEncoder(LogicalNot.self, "LOGICAL_NOT"),
    TFLiteEncoder(LogicalOr.self, "LOGICAL_OR"),
    TFLiteEncoder(NotEqual.self, "NOT_EQUAL"),
  ]

  static let reductions = [
    TFLiteEncoder(Mean.self) { op, _ in .reducing("MEAN", op) },
    TFLiteEncoder(ReduceAll.self) { op, _ in .reducing("REDUCE_ALL", op) },
    TFLiteEncoder(ReduceAny.self) { op, _ in .reducing("REDUCE_ANY", op) },
    TFLiteEncoder(ReduceMax.self) { op, _ in .reducing("REDUCE_MAX", op) },
    TFLiteEncoder(ReduceMin.self) { op, _ in .reducing("REDUCE_MIN", op) },
    TFLiteEncoder(ReduceProduct.self) { op, _ in .reducing("REDUCE_PROD", op) },
    TFLiteEncoder(Sum.self) { op, _ in .reducing("SUM", op) },
  ]

  static let normalizations = [
    TFLiteEncoder(L2Normalization.self) { _, _ in
      TFLiteOperation(
        "L2_NORMALIZATION", "L2NormOptions", ["fused_activation_function": .name("NONE")])
    },
    TFLiteEncoder(LocalResponseNormalization.self) { op, _ in
      guard op.reach.isEmpty else {
        throw Diagnostic(
          .notInTFLite("LOCAL_RESPONSE_NORMALIZATION", "over a range that is not symmetric"),
          help: Diagnostic.otherFormats)
      }
      return TFLiteOperation(
        "LOCAL_RESPONSE_NORMALIZATION", "LocalResponseNormalizationOptions",
        [
          "radius": .integer(op.radius), "bias": .real(op.bias), "alpha": .real(op.alpha),
          "beta": .real(op.beta),
        ])
    },
    TFLiteEncoder(LogSoftmax.self, "LOG_SOFTMAX"),
    TFLiteEncoder(Softmax.self) { op, _ in
      TFLiteOperation("SOFTMAX", "SoftmaxOptions", ["beta": .real(op.beta)])
    },
  ]

  static let conversions = [
    TFLiteEncoder(Bitcast.self, "BITCAST"),
    TFLiteEncoder(Cast.self) { _, site in
      TFLiteOperation(
        "CAST", "CastOptions",
        [
          "in_data_type": try .element(site.operands[0]),
          "out_data_type": try .element(site.results[0]),
        ])
    },
    TFLiteEncoder(Dequantize.self, "DEQUANTIZE"),
    TFLiteEncoder(Quantize.self) { op, _ in
      guard !op.roundsHalfToEven else {
        throw Diagnostic(
          .notInTFLite("QUANTIZE", "that rounds halves to even numbers"),
          help: "quantize for TFLite, or name the file `.onnx` or `.graph`")
      }
      return TFLiteOperation("QUANTIZE")
    },
  ]
}

extension TFLiteOptions {
  /// A fused activation alone.
  fileprivate static func activation(_ clamp: Clamp, _ site: Site) throws -> Self {
    ["fused_activation_function": try .activation(clamp, site)]
  }
}

extension TFLiteOperation {
  fileprivate static func reducing(_ kind: String, _ op: some ReductionOperator) -> Self {
    TFLiteOperation(
      kind, "ReducerOptions", ["keep_dims": .boolean(op.keepsAxes)],
      reading: [.operand(0), .integers(op.axes)])
  }
}
