import GraphIR
import Operators
import Support

/// Operators of TFLite that compute element by element, or along axes, and what they become.
extension TFLiteImporter {
  static let unary: [String: TFLiteConverter] = [
    "ABS": { $0.becomes(Abs()) },
    "CEIL": { $0.becomes(Ceil()) },
    "COS": { $0.becomes(Cos()) },
    "ELU": { $0.becomes(ELU()) },
    "EXP": { $0.becomes(Exp()) },
    "FLOOR": { $0.becomes(Floor()) },
    "HARD_SWISH": { $0.becomes(HardSwish()) },
    "LEAKY_RELU": { $0.becomes(LeakyReLU(slope: try $0.float("alpha"))) },
    "LOG": { $0.becomes(Log()) },
    "LOGISTIC": { $0.becomes(Logistic()) },
    "NEG": { $0.becomes(Negate()) },
    "RELU": { $0.becomes(ReLU()) },
    "RELU6": { $0.becomes(ReLU6()) },
    "ROUND": { $0.becomes(Round()) },
    "RSQRT": { $0.becomes(ReciprocalSquareRoot()) },
    "SIN": { $0.becomes(Sin()) },
    "SQRT": { $0.becomes(SquareRoot()) },
    "SQUARE": { $0.becomes(Square()) },
    "TANH": { $0.becomes(Tanh()) },
  ]

  static let binary: [String: TFLiteConverter] = [
    "ADD": {
      $0.becomes(
        Add(clamp: try $0.fusedActivation(), shiftsPowersOfTwo: try $0.shiftsPowersOfTwo()))
    },
    "DIV": { $0.becomes(Divide(clamp: try $0.fusedActivation())) },
    "MAXIMUM": { $0.becomes(Maximum()) },
    "MINIMUM": { $0.becomes(Minimum()) },
    "MUL": { $0.becomes(Multiply(clamp: try $0.fusedActivation())) },
    "PRELU": { $0.becomes(PReLU()) },
    "SELECT_V2": { $0.becomes(Select()) },
    "SQUARED_DIFFERENCE": { $0.becomes(SquaredDifference()) },
    "SUB": {
      $0.becomes(
        Subtract(clamp: try $0.fusedActivation(), shiftsPowersOfTwo: try $0.shiftsPowersOfTwo()))
    },
  ]

  static let reductions: [String: TFLiteConverter] = [
    "MEAN": { $0.becomes(Mean(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1) },
    "REDUCE_ALL": {
      $0.becomes(ReduceAll(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1)
    },
    "REDUCE_ANY": {
      $0.becomes(ReduceAny(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1)
    },
    "REDUCE_MAX": {
      $0.becomes(ReduceMax(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1)
    },
    "REDUCE_MIN": {
      $0.becomes(ReduceMin(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1)
    },
    "REDUCE_PROD": {
      $0.becomes(ReduceProduct(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1)
    },
    "SUM": { $0.becomes(Sum(axes: try $0.axes(), keepsAxes: try $0.keepsAxes()), operands: 1) },
  ]

  static let normalizations: [String: TFLiteConverter] = [
    "L2_NORMALIZATION": { node in
      try node.hasNoActivation()
      return node.becomes(L2Normalization())
    },
    "LOCAL_RESPONSE_NORMALIZATION": {
      $0.becomes(
        LocalResponseNormalization(
          radius: try $0.integer("radius"), bias: try $0.float("bias"),
          alpha: try $0.float("alpha"), beta: try $0.float("beta")))
    },
    "LOG_SOFTMAX": { $0.becomes(LogSoftmax()) },
    "SOFTMAX": { node in
      let isWidened = try node.operandType(0).element.bitWidth < node.resultType().element.bitWidth
      return node.becomes(Softmax(beta: try node.float("beta"), widensBytes: isWidened))
    },
  ]

  static let conversions: [String: TFLiteConverter] = [
    "BITCAST": { $0.becomes(Bitcast(element: try $0.resultType().element)) },
    "CAST": { $0.becomes(Cast(element: try $0.resultType().element)) },
    "DEQUANTIZE": { $0.becomes(Dequantize()) },
    "QUANTIZE": { $0.becomes(Quantize(element: try $0.resultType().element)) },
  ]
}

extension TFLiteNode {
  /// The option is set by default, and means something for 16-bit operands alone.
  fileprivate func shiftsPowersOfTwo() throws -> Bool {
    try integer("pot_scale_int16") != 0 && operandType(0).element == .i16
  }

  fileprivate func axes() throws -> [Int] { try constant(operand: 1) }

  fileprivate func keepsAxes() throws -> Bool { try integer("keep_dims") != 0 }
}
