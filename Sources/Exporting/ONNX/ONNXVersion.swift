/// Versions of the standard's operators, and of its files.
enum ONNXVersion {
  /// Scales along an axis came with it; what came later is asked for by those who need it.
  static let lowest = 13

  /// The version with which an operator came, where that is after the lowest.
  static func first(with kind: String) -> Int { later[kind] ?? lowest }

  private static let later = [
    "Attention": 23, "BatchNormalization": 15, "BitCast": 26, "BitwiseAnd": 18, "BitwiseNot": 18,
    "BitwiseOr": 18,
    "BitwiseXor": 18, "Col2Im": 18, "CumProd": 26, "Gelu": 20, "GridSample": 16, "HardSwish": 14,
    "LayerNormalization": 17, "Mish": 18, "RMSNormalization": 23, "RoiAlign": 16,
    "RotaryEmbedding": 23, "TensorScatter": 24, "Trilu": 14,
  ]

  /// The version of the file format that came with a version of the operators.
  static func ofFile(_ version: Int) -> Int {
    switch version {
    case ...14: 7
    case ...18: 8
    case ...20: 9
    case ...22: 10
    case 23: 11
    case 24: 12
    default: 13
    }
  }
}
