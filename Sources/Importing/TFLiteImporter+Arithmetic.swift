import GraphIR
import Operators
import Support

/// Operators of TFLite that compute numbers from numbers, but for the most usual ones, and what they become.
extension TFLiteImporter {
  static let arithmetic: [String: TFLiteConverter] = [
    "ADD_N": { $0.becomes(AddN()) },
    "ATAN2": { $0.becomes(ArcTangent2()) },
    "BITWISE_XOR": { $0.becomes(BitwiseXor()) },
    "CUMSUM": { node in
      let isExclusive = try node.integer("exclusive") != 0
      let isReverse = try node.integer("reverse") != 0
      return try node.becomes(
        CumulativeSum(
          axis: node.number(operand: 1), isExclusive: isExclusive, isReverse: isReverse),
        reading: [0])
    },
    "FAKE_QUANT": { node in
      node.becomes(
        FakeQuantize(
          lower: try node.float("min"), upper: try node.float("max"),
          bits: try node.integer("num_bits"), isNarrow: try node.integer("narrow_range") != 0))
    },
    "FLOOR_DIV": { $0.becomes(FloorDivide()) },
    "FLOOR_MOD": { $0.becomes(FloorModulo()) },
    "GELU": { $0.becomes(GELU(isApproximate: try $0.integer("approximate") != 0)) },
    "POW": { $0.becomes(Power()) },
    "RELU_0_TO_1": { $0.becomes(ReLU0To1()) },
    "RELU_N1_TO_1": { $0.becomes(ReLUN1To1()) },
    "RIGHT_SHIFT": { $0.becomes(RightShift()) },
    "SIGN": { $0.becomes(Sign()) },
  ]
}

extension TFLiteNode {
  /// The integer that a constant operand with one element holds.
  func number(operand: Int) throws -> Int {
    let numbers = try constant(operand: operand)
    guard numbers.count == 1 else { throw Diagnostic(.notOneNumber(operand, numbers.count)) }
    return numbers[0]
  }
}

extension Diagnostic.Message {
  fileprivate static func notOneNumber(_ operand: Int, _ count: Int) -> Self {
    Self(
      id: "not-one-number", .malformed, "operand \(operand) has \(count) elements, expected one")
  }
}
