import Support
import Tensors

/// The names of schemes, and how others are written.
extension QuantizationScheme {
  /// Those with a name of their own, in the order in which they are listed.
  public static let named: [(name: String, scheme: QuantizationScheme, summary: String)] = [
    ("int8", .integers(weights: 8, activations: 8), "what TFLite and Ethos-U run"),
    (
      "int16x8", .integers(weights: 8, activations: 16),
      "activations of 16 bits, as TFLite has them"
    ),
    ("w4a8", .integers(weights: 4, activations: 8), "weights of 4 bits, activations of 8"),
    ("w4a16", .integers(weights: 4, activations: 16), "weights of 4 bits, activations of 16"),
    ("w8", .weightsOnly(8), "weights of 8 bits, activations as they are"),
    ("w4", .weightsOnly(4), "weights of 4 bits, activations as they are"),
    ("dynamic", .dynamic, "weights of 8 bits; activations are quantized when the network runs"),
    ("f16", .floats(.f16), "half precision"),
    ("bf16", .floats(.bf16), "the upper half of single precision"),
    ("fp8", .floats(.f8e4m3), "floats of 8 bits, e4m3, with scales"),
    ("fp8-e5m2", .floats(.f8e5m2), "floats of 8 bits, e5m2, with scales"),
    ("mxfp8", .blocks(.f8e4m3), "blocks of floats of 8 bits with a shared power of two"),
    ("mxfp6", .blocks(.f6e3m2), "blocks of floats of 6 bits with a shared power of two"),
    ("mxfp4", .blocks(.f4e2m1), "blocks of floats of 4 bits with a shared power of two"),
    ("mxint8", .blocks(.i8), "blocks of integers of 8 bits with a shared power of two"),
    ("float", .float, "nothing is quantized"),
  ]

  /// Integers on both sides: weights per channel, activations of at most 8 bits with a zero point.
  public static func integers(weights: Int, activations: Int) -> Self {
    Self(
      weights: TensorScheme(.integer(bits: weights), .channel),
      activations: TensorScheme(.integer(bits: activations), isSymmetric: activations > 8))
  }

  /// Integers for weights alone.
  public static func weightsOnly(_ bits: Int) -> Self {
    Self(weights: TensorScheme(.integer(bits: bits), .channel), activations: nil)
  }

  /// What TFLite calls dynamic range.
  public static let dynamic = Self(
    weights: TensorScheme(.integer(bits: 8), .channel), activations: nil, isDynamic: true)

  /// Floats on both sides.
  public static func floats(_ element: ElementType) -> Self {
    Self(
      weights: TensorScheme(.float(element), .channel), activations: TensorScheme(.float(element)))
  }

  /// Blocks on both sides.
  public static func blocks(_ format: BlockFormat) -> Self {
    Self(weights: TensorScheme(.block(format)), activations: TensorScheme(.block(format)))
  }

  /// A scheme as users write it: a name, or `wNaM` for other numbers of bits, and changes to it, all separated by commas.
  ///
  /// For example `int8,weights=tensor,activations=symmetric` or `w3,weights=group:32` or `int8,scales=power-of-two`.
  ///
  /// - Throws: a `Diagnostic` that says what can be written.
  public init(_ text: String) throws {
    let parts = text.split(separator: ",").map(String.init)
    guard let first = parts.first, let scheme = Self.base(first) else {
      throw Diagnostic(
        .noSuchScheme(text),
        help: "schemes are \(Self.named.map { "`\($0.name)`" }.joined(separator: ", ")), "
          + "and `wNaM` with N of 2 to 8 bits and M of 4 to 16")
    }
    self = scheme
    for change in parts.dropFirst() { try apply(change) }
  }

  private static func base(_ name: String) -> QuantizationScheme? {
    if let known = named.first(where: { $0.name == name }) { return known.scheme }
    guard let match = name.wholeMatch(of: /w([2-8])(?:a([4-9]|1[0-6]))?/),
      let weights = Int(match.1)
    else { return nil }
    guard let activations = match.2.flatMap({ Int($0) }) else { return weightsOnly(weights) }
    return integers(weights: weights, activations: activations)
  }

  private mutating func apply(_ change: String) throws {
    switch change {
    case "weights=tensor": weights?.granularity = .tensor
    case "weights=channel": weights?.granularity = .channel
    case "weights=symmetric": weights?.isSymmetric = true
    case "weights=asymmetric": weights?.isSymmetric = false
    case "activations=symmetric": activations?.isSymmetric = true
    case "activations=asymmetric": activations?.isSymmetric = false
    case "scales=power-of-two":
      weights?.hasPowerOfTwoScales = true
      activations?.hasPowerOfTwoScales = true
    default:
      guard let match = change.wholeMatch(of: /weights=group:([1-9][0-9]{0,5})/),
        let size = Int(match.1)
      else {
        throw Diagnostic(
          .noSuchChange(change),
          help: "what can follow a scheme's name: `weights=tensor`, `weights=channel`, "
            + "`weights=group:N`, `weights=asymmetric`, `activations=symmetric`, "
            + "`activations=asymmetric`, `scales=power-of-two`")
      }
      weights?.granularity = .group(size)
    }
  }

  /// The shortest text from which the scheme can be read again.
  public var text: String {
    if let known = Self.named.first(where: { $0.scheme == self }) { return known.name }
    var base = self
    base.weights?.granularity = .channel
    base.weights?.isSymmetric = true
    base.weights?.hasPowerOfTwoScales = false
    base.activations?.hasPowerOfTwoScales = false
    base.activations?.isSymmetric = bitWidths.activations > 8
    var parts = [base.nameOfFormats]
    let known = (try? QuantizationScheme(parts[0])) ?? base
    if weights?.granularity != known.weights?.granularity { parts.append(granularityText) }
    if weights?.isSymmetric == false { parts.append("weights=asymmetric") }
    if activations?.isSymmetric != known.activations?.isSymmetric {
      parts.append("activations=\(activations?.isSymmetric == true ? "" : "a")symmetric")
    }
    if weights?.hasPowerOfTwoScales == true || activations?.hasPowerOfTwoScales == true {
      parts.append("scales=power-of-two")
    }
    return parts.joined(separator: ",")
  }

  private var nameOfFormats: String {
    if let known = Self.named.first(where: { hasFormats(of: $0.scheme) }) { return known.name }
    let (weights, activations) = bitWidths
    return activations == 32 ? "w\(weights)" : "w\(weights)a\(activations)"
  }

  private func hasFormats(of other: Self) -> Bool {
    other.isDynamic == isDynamic && other.weights?.format == weights?.format
      && other.activations?.format == activations?.format
  }

  private var granularityText: String {
    switch weights?.granularity {
    case .group(let size): "weights=group:\(size)"
    case .tensor: "weights=tensor"
    case .channel, nil: "weights=channel"
    }
  }
}

extension Diagnostic.Message {
  fileprivate static func noSuchScheme(_ text: String) -> Self {
    Self(id: "no-such-scheme", .usage, "there is no quantization scheme `\(text)`")
  }

  fileprivate static func noSuchChange(_ text: String) -> Self {
    Self(id: "no-such-scheme", .usage, "`\(text)` does not change a quantization scheme")
  }
}
