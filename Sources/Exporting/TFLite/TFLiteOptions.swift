import GraphIR
import Operators
import Support
import Tensors

/// The fields of a table of options, in the order in which they are set.
struct TFLiteOptions: ExpressibleByDictionaryLiteral {
  private(set) var fields: [(name: String, value: TFLiteField)]

  init(dictionaryLiteral fields: (String, TFLiteField)...) { self.fields = fields.map { $0 } }

  /// The value of a field; nil if it is not set.
  subscript(name: String) -> TFLiteField? { fields.first { $0.name == name }?.value }

  /// The fields of both.
  static func + (a: Self, b: Self) -> Self {
    var all = a
    all.fields += b.fields
    return all
  }
}

extension TFLiteOptions {
  /// What operators with windows over height and width share.
  static func window(_ stride: [Int], _ padding: Padding, _ clamp: Clamp, _ site: Site) throws
    -> Self
  {
    [
      "padding": try .padding(padding), "stride_w": .integer(stride[1]),
      "stride_h": .integer(stride[0]), "fused_activation_function": try .activation(clamp, site),
    ]
  }

  /// By how much the elements of a window lie apart.
  static func dilation(_ dilation: [Int]) -> Self {
    [
      "dilation_w_factor": .integer(dilation[1]), "dilation_h_factor": .integer(dilation[0]),
    ]
  }

  /// What operators with windows over volumes share.
  static func volume(
    _ stride: [Int], _ dilation: [Int], _ padding: Padding, _ clamp: Clamp, _ site: Site
  ) throws -> Self {
    try window(Array(stride.dropFirst()), padding, clamp, site)
      + .dilation(Array(dilation.dropFirst()))
      + ["stride_d": .integer(stride[0]), "dilation_d_factor": .integer(dilation[0])]
  }

  /// The element type of a bias, where an operator must be told.
  static func bias(_ site: Site) -> Self {
    let isNarrow =
      site.operands[0].element == .i16 && site.operands.count > 2
      && site.operands[2].element == .i32
    return isNarrow ? ["quantized_bias_type": .name("INT32")] : [:]
  }
}

extension TFLiteField {
  /// The element type of a tensor.
  ///
  /// - Throws: a `Diagnostic` if no operator of TFLite takes it.
  static func element(_ type: TensorType) throws -> TFLiteField {
    guard let name = type.fileElement else {
      throw Diagnostic(.noElement(type.element), help: Diagnostic.otherFormats)
    }
    return .name(name)
  }

  /// A fused activation.
  ///
  /// - Throws: a `Diagnostic` if no function of TFLite limits results to this range.
  static func activation(_ clamp: Clamp, _ site: Site) throws -> TFLiteField {
    guard let name = clamp.activationName(for: site.results[0]) else {
      throw Diagnostic(.noActivation(clamp), help: Diagnostic.otherFormats)
    }
    return .name(name)
  }

  /// How borders are padded.
  ///
  /// - Throws: a `Diagnostic` if the pads are not those that TFLite has words for.
  static func padding(_ padding: Padding) throws -> TFLiteField {
    switch padding {
    case .same: .name("SAME")
    case .valid: .name("VALID")
    case .explicit:
      throw Diagnostic(.noPadding, help: Diagnostic.otherFormats)
    }
  }
}

extension Clamp {
  /// The fused activation that limits results of a type to this range; nil if there is none.
  ///
  /// What limits integers to the same range of stored ones is the same.
  func activationName(for type: TensorType) -> String? {
    let functions: [(name: String, clamp: Clamp)] = [
      ("NONE", .none), ("RELU", .relu), ("RELU_N1_TO_1", .reluN1To1), ("RELU6", .relu6),
    ]
    let open = withoutInfinities
    if let exact = functions.first(where: { $0.clamp == open }) { return exact.name }
    guard type.element.integerRange != nil, type.quantization?.isPerTensor ?? false else {
      return nil
    }
    return functions.first { $0.clamp.storedRange(of: type) == open.storedRange(of: type) }?.name
  }

  /// Infinite bounds let everything pass but infinite numbers, of which TFLite's kernels make finite ones.
  private var withoutInfinities: Clamp {
    Clamp(
      lower: lower.flatMap { $0 == -.infinity ? nil : $0 },
      upper: upper.flatMap { $0 == .infinity ? nil : $0 })
  }
}

extension Diagnostic.Message {
  /// Of a tensor that no operator takes.
  static func noElement(_ element: ElementType) -> Self {
    Self(
      id: "tflite-no-counterpart", .unsupported,
      "no operator of TFLite takes elements of type `\(element.rawValue)`")
  }

  fileprivate static var noPadding: Self {
    Self(
      id: "tflite-no-counterpart", .unsupported,
      "operators of TFLite pad as `SAME` and `VALID` have it, and this one pads otherwise")
  }

  fileprivate static func noActivation(_ clamp: Clamp) -> Self {
    let bounds = [clamp.lower, clamp.upper].map { $0.map { String($0) } ?? "no bound" }
    return Self(
      id: "tflite-no-counterpart", .unsupported,
      "TFLite has no activation that limits results to the range from \(bounds[0]) to \(bounds[1])")
  }
}
