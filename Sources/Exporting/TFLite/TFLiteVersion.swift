import GraphIR
import Operators
import Tensors

/// The version of an operator's code: the lowest that takes such operands and options, so that runtimes as old as
/// possible take the file.
///
/// Source: `GetBuiltinOperatorVersion` of TensorFlow Lite, in tools/versioning/op_version.cc.
struct TFLiteVersion {
  /// From 1 on.
  let number: Int

  /// - Parameter operands: nil for those that are left out.
  init(_ operation: TFLiteOperation, operands: [TensorType?], results: [TensorType]) {
    let site = Site(operation: operation, operands: operands, results: results)
    if let rule = Self.rules[operation.kind] {
      number = rule(site)
    } else {
      number = site.first.flatMap { Self.byElement[operation.kind]?[$0] } ?? 1
    }
  }

  /// What versions depend on.
  fileprivate struct Site {
    let operation: TFLiteOperation
    let operands: [TensorType?]
    let results: [TensorType]

    /// The element type of an operand; nil if it is left out.
    func element(_ operand: Int) -> ElementType? {
      operands.indices.contains(operand) ? operands[operand]?.element : nil
    }

    var first: ElementType? { element(0) }

    /// The most axes that an operand has.
    var rank: Int { operands.compactMap { $0?.shape.rank }.max() ?? 0 }

    /// Whether the first two operands have different shapes.
    var broadcasts: Bool {
      operands.count > 1 && operands[0]?.shape != operands[1]?.shape
    }

    /// Whether the operand has a scale for each of several channels.
    func isPerChannel(_ operand: Int) -> Bool {
      operands.indices.contains(operand) && operands[operand]?.quantization?.isPerTensor == false
    }

    /// Whether real numbers meet weights of bytes.
    var isHybrid: Bool { first == .f32 && element(1) == .i8 }

    /// Whether a truth value among the options is set.
    func isSet(_ option: String) -> Bool {
      if case .boolean(true)? = operation.options[option] { true } else { false }
    }

    /// An option that has names as its values.
    func name(_ option: String) -> String? {
      if case .name(let name)? = operation.options[option] { name } else { nil }
    }
  }

  /// For operators of which only the elements of the first operand count; 1 for types that are not named.
  private static let byElement: [String: [ElementType: Int]] = [
    "ABS": [.i8: 2, .u8: 2, .i16: 3, .i32: 5], "ARG_MAX": bytes.merging([.bool: 3]) { $1 },
    "ARG_MIN": bytes.merging([.bool: 3]) { $1 }, "AVERAGE_POOL_2D": bytesAndWords,
    "BROADCAST_TO": [.i8: 3, .i16: 3].merging(others(2)) { first, _ in first },
    "CONCATENATION": [.i8: 2, .i16: 3, .u32: 4, .i4: 5], "DEPTH_TO_SPACE": bytes,
    "EQUAL": [.i8: 2, .i16: 5], "EXP": [.i8: 2, .i16: 2], "FLOOR_DIV": [.f32: 2, .i8: 3, .i16: 3],
    "FLOOR_MOD": [.i8: 2, .i16: 2], "GELU": [.i8: 2, .u8: 2], "GREATER": bytes,
    "GREATER_EQUAL": bytesAndWords, "L2_NORMALIZATION": bytes, "LEAKY_RELU": [.i16: 2],
    "LESS": bytesAndWords, "LESS_EQUAL": bytes, "LOG": [.i8: 2, .i16: 2],
    "LOGISTIC": bytesAndWords, "LOG_SOFTMAX": bytes, "MAX_POOL_2D": bytesAndWords,
    "MEAN": bytesAndWords, "MIRROR_PAD": bytesAndWords, "NOT_EQUAL": [.i8: 2, .i16: 4],
    "PACK": [.i8: 2, .i16: 3, .u32: 4], "RANGE": [.i64: 2], "REDUCE_MAX": bytesAndWords,
    "REDUCE_MIN": bytesAndWords, "REDUCE_PROD": [.i8: 2, .i16: 2],
    "RELU": [.i8: 2, .u8: 2, .i16: 3], "RELU6": bytesAndWords, "REVERSE_V2": [.i8: 3, .bool: 2],
    "RSQRT": bytesAndWords, "SIGN": [.i32: 2], "SOFTMAX": bytesAndWords, "SPACE_TO_DEPTH": bytes,
    "SPLIT_V": bytes, "SQRT": [.i8: 2, .i16: 2], "SQUARED_DIFFERENCE": bytes, "SUM": bytes,
    "TANH": bytesAndWords, "TILE": [.i8: 3], "TOPK_V2": bytesAndWords,
    "UNPACK": [.i8: 2, .u8: 2, .bool: 3, .i16: 4, .f16: 5, .bf16: 5],
    "WHERE": others(2).merging([.bool: 1]) { $1 },
  ]

  private static let bytes: [ElementType: Int] = [.i8: 2]
  private static let bytesAndWords: [ElementType: Int] = [.i8: 2, .i16: 3]

  private static func others(_ version: Int) -> [ElementType: Int] {
    Dictionary(uniqueKeysWithValues: ElementType.allCases.map { ($0, version) })
  }

  /// For operators of which more counts.
  private static let rules: [String: @Sendable (Site) -> Int] =
    products.merging(elementwise) { $1 }.merging(movement) { $1 }.merging(layers) { $1 }
}

extension TFLiteVersion {
  fileprivate static let products: [String: @Sendable (Site) -> Int] = [
    "BATCH_MATMUL": { site in
      if site.first == .i16 { return 3 }
      if site.first == .i8 { return 2 }
      return site.isHybrid && site.isSet("asymmetric_quantize_inputs") ? 4 : 1
    },
    "CONV_2D": { site in
      if site.name("quantized_bias_type") != nil { return 8 }
      if site.operands[0]?.shape.extents.last != site.operands[1]?.shape.extents.last { return 6 }
      if site.isHybrid { return site.isPerChannel(1) ? 5 : 2 }
      if site.element(1) == .i4 { return 7 }
      return site.first == .i16 ? 4 : site.first == .i8 ? 3 : 1
    },
    "DEPTHWISE_CONV_2D": { site in
      if site.isHybrid { return site.isPerChannel(1) ? 6 : 4 }
      if site.element(1) == .i4 { return 7 }
      if site.first == .i16 { return 5 }
      if site.first == .i8 { return 3 }
      return site.isDilated ? 2 : 1
    },
    "FULLY_CONNECTED": { site in
      if site.element(1) == .i4 { return site.first == .i8 ? 10 : 13 }
      if site.isHybrid, site.isPerChannel(1) { return 12 }
      if site.name("quantized_bias_type") != nil { return 11 }
      if site.first == .i16 { return 7 }
      if site.operands.count == 2 { return 6 }
      if site.isSet("keep_num_dims") { return 5 }
      if site.first == .i8 { return 4 }
      return site.isHybrid ? (site.isSet("asymmetric_quantize_inputs") ? 9 : 3) : 1
    },
    // The first operand is the result's shape, the image the third.
    "TRANSPOSE_CONV": { site in
      if site.name("quantized_bias_type") != nil { return 5 }
      if site.name("fused_activation_function") != "NONE" { return 4 }
      return site.operands.count == 4 ? 3 : site.element(1) == .i8 ? 2 : 1
    },
  ]

  fileprivate static let elementwise: [String: @Sendable (Site) -> Int] = [
    "ADD": { site in
      switch site.first {
      case .f16: 6
      case .i16 where site.operands[0]?.quantization == nil: 5
      case .i64: 4
      case .i16: site.isSet("pot_scale_int16") ? 1 : 3
      case .i8: 2
      default: 1
      }
    },
    "CAST": { site in
      let elements = [site.first, site.results.first?.element]
      let versions: [(ElementType, Int)] = [
        (.bf16, 7), (.i4, 6), (.f64, 5), (.f16, 5), (.u16, 4), (.i8, 3), (.u32, 2),
      ]
      return versions.first { elements.contains($0.0) }?.1 ?? 1
    },
    "DEQUANTIZE": { site in
      switch site.first {
      case .i4: 6
      case .i16, .f16: 3
      case .i8: site.isPerChannel(0) ? 5 : 2
      default: 1
      }
    },
    "DIV": { $0.broadcasts && $0.rank > 4 ? 2 : 1 },
    "FAKE_QUANT": { $0.isSet("narrow_range") ? 2 : 1 },
    "MAXIMUM": { extremum($0) },
    "MINIMUM": { extremum($0) },
    "MUL": { site in
      let quantizations = (site.operands + site.results).map { $0?.quantization }
      switch site.first {
      case .f16: return 8
      case .u32: return 7
      case .i16: return quantizations[0] == nil ? 7 : 4
      case .i64: return 5
      case .i8:
        let scales = quantizations.compactMap { $0?.scale }
        return scales.count == 3 && scales[0] * scales[1] / scales[2] >= 1 ? 3 : 2
      default: return 1
      }
    },
    "QUANTIZE": { site in
      guard let type = site.results.first else { return 1 }
      return type.element == .i4
        ? 4 : type.quantization?.isPerTensor == false ? 3 : type.element == .i16 ? 2 : 1
    },
    "SELECT": { $0.rank == 5 ? 3 : 1 },
    "SUB": { site in
      if site.first == .i16, site.operands[0]?.quantization != nil {
        return site.isSet("pot_scale_int16") ? 1 : 5
      }
      if site.first == .i64 { return 4 }
      return site.broadcasts && site.rank > 4 ? 3 : site.first == .i8 ? 2 : 1
    },
  ]

  private static func extremum(_ site: Site) -> Int {
    site.first == .i16 ? 4 : site.broadcasts && site.rank > 4 ? 3 : site.first == .i8 ? 2 : 1
  }

  fileprivate static let movement: [String: @Sendable (Site) -> Int] = [
    "BATCH_TO_SPACE_ND": { blocks($0) },
    "DYNAMIC_UPDATE_SLICE": { site in
      let versions: [ElementType: Int] = [.bf16: 6, .i4: 5, .i16: 4, .f16: 3]
      return site.first.flatMap { versions[$0] } ?? (site.element(2) == .i64 ? 2 : 1)
    },
    "EMBEDDING_LOOKUP": { $0.element(1) == .i4 || $0.isPerChannel(1) ? 4 : 1 },
    "FILL": { site in
      let versions: [ElementType: Int] = [.f16: 4, .i8: 3, .i16: 3, .bool: 2]
      return site.element(1).flatMap { versions[$0] } ?? 1
    },
    "GATHER": { site in
      if site.first == .i4 { return 7 }
      if site.element(1) == .i16 { return 6 }
      if case .integer(1...)? = site.operation.options["batch_dims"] { return 5 }
      let versions: [ElementType: Int] = [.i16: 4, .bool: 3, .i8: 2]
      return site.first.flatMap { versions[$0] } ?? 1
    },
    "GATHER_ND": { $0.first == .bool ? 5 : $0.element(1) == .i16 ? 4 : $0.first == .i16 ? 3 : 1 },
    "PAD": { pad($0) },
    "PADV2": { pad($0) },
    "RESIZE_BILINEAR": { site in
      site.first == .i16
        ? 4 : site.isSet("half_pixel_centers") ? 3 : site.first == .i8 ? 2 : 1
    },
    "RESIZE_NEAREST_NEIGHBOR": { site in
      let isAligned = site.isSet("half_pixel_centers") || site.isSet("align_corners")
      return site.first == .i16 ? 4 : isAligned ? 3 : site.first == .i8 ? 2 : 1
    },
    "SLICE": { site in
      if site.first == .u32 { return 6 }
      return site.rank > 4 ? 5 : site.first == .i16 ? 4 : site.first == .i8 ? 2 : 1
    },
    "SPACE_TO_BATCH_ND": { blocks($0) },
    "SPARSE_TO_DENSE": { site in
      let versions: [ElementType: Int] = [.i8: 3, .u8: 3, .i64: 2]
      return site.element(2).flatMap { versions[$0] } ?? 1
    },
    "SPLIT": { site in
      let versions: [ElementType: Int] = [.i16: 4, .i32: 3, .i8: 2]
      return site.element(1).flatMap { versions[$0] } ?? 1
    },
    "STRIDED_SLICE": { site in
      if site.first == .u32 { return 7 }
      return site.rank > 4 ? 4 : site.first == .bool ? 3 : site.first == .i8 ? 2 : 1
    },
    "TRANSPOSE": { site in
      if site.rank > 6 || site.first == .bf16 { return 8 }
      if site.first == .i4 { return 7 }
      if site.rank > 5 { return 6 }
      if site.first == .i16 { return 5 }
      return site.rank > 4 ? 4 : site.first == .bool ? 3 : site.first == .i8 ? 2 : 1
    },
  ]

  private static func blocks(_ site: Site) -> Int {
    site.first == .i16 ? 4 : site.operands[0]?.shape.rank != 4 ? 3 : site.first == .i8 ? 2 : 1
  }

  private static func pad(_ site: Site) -> Int {
    if site.first == .bool { return 5 }
    return site.operands[0].map { $0.shape.rank > 4 } ?? false
      ? 4 : site.first == .i16 ? 3 : site.first == .i8 ? 2 : 1
  }

  fileprivate static let layers: [String: @Sendable (Site) -> Int] = [
    "BIDIRECTIONAL_SEQUENCE_LSTM": { hybrid($0, weights: 2) },
    "BIDIRECTIONAL_SEQUENCE_RNN": { hybrid($0, weights: 1) },
    "LSTM": { site in
      if site.name("kernel_type") == "BASIC" { return 2 }
      let version = hybrid(site, weights: 2)
      return version > 1 ? version + 1 : 1
    },
    "RNN": { hybrid($0, weights: 1) },
    "SVDF": { site in
      if site.first == .i8 { return 3 }
      return site.isHybrid ? (site.isSet("asymmetric_quantize_inputs") ? 4 : 2) : 1
    },
    "UNIDIRECTIONAL_SEQUENCE_LSTM": { hybrid($0, weights: 2) },
    "UNIDIRECTIONAL_SEQUENCE_RNN": { hybrid($0, weights: 1) },
  ]

  /// Of layers whose weights can be bytes among real numbers.
  private static func hybrid(_ site: Site, weights: Int) -> Int {
    guard site.first == .f32, site.element(weights) == .i8 else { return 1 }
    return site.isSet("asymmetric_quantize_inputs") ? 3 : 2
  }
}

extension TFLiteVersion.Site {
  /// Whether the window's elements lie apart.
  fileprivate var isDilated: Bool {
    operation.options.fields.contains { name, value in
      guard name.hasPrefix("dilation"), case .integer(let factor) = value else { return false }
      return factor != 1
    }
  }
}
