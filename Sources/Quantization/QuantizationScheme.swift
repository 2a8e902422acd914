import Tensors

/// What the tensors of a layer are stored as.
public struct QuantizationScheme: Hashable, Sendable {
  /// Of constant weights; nil leaves them as they are.
  public var weights: TensorScheme?
  /// Of what layers read and compute; nil leaves it in `f32`.
  public var activations: TensorScheme?
  /// Whether activations are quantized when the network runs, by the range that they then have.
  public var isDynamic: Bool

  /// - Parameters:
  ///   - weights, activations: nil for what stays as it is.
  ///   - isDynamic: with activations that stay as they are between layers.
  public init(weights: TensorScheme?, activations: TensorScheme?, isDynamic: Bool = false) {
    self.weights = weights
    self.activations = activations
    self.isDynamic = isDynamic
  }

  /// Nothing is quantized.
  public static let float = QuantizationScheme(weights: nil, activations: nil)

  /// Bits of a weight, and of an activation.
  public var bitWidths: (weights: Int, activations: Int) {
    (weights?.format.bitWidth ?? 32, activations?.format.bitWidth ?? 32)
  }

  /// Whether layers are computed on integers.
  public var isInteger: Bool {
    if case .integer = weights?.format, case .integer = activations?.format { true } else { false }
  }
}

/// How numbers of one tensor are stored.
public struct TensorScheme: Hashable, Sendable {
  /// What is stored.
  public var format: NumberFormat
  /// How many numbers share a scale.
  public var granularity: Granularity
  /// Whether zero is stored as 0, and as many numbers are below as above.
  public var isSymmetric: Bool
  /// Whether scales are powers of two, so that rescaling is a shift.
  public var hasPowerOfTwoScales: Bool

  /// What shares a scale.
  public enum Granularity: Hashable, Sendable {
    case tensor
    /// Each output channel of weights; activations have one scale nonetheless.
    case channel
    /// As many neighbouring weights of one output channel.
    case group(Int)
  }

  /// - Parameter granularity: of weights; activations have one scale for all.
  public init(
    _ format: NumberFormat, _ granularity: Granularity = .tensor, isSymmetric: Bool = true,
    hasPowerOfTwoScales: Bool = false
  ) {
    self.format = format
    self.granularity = granularity
    self.isSymmetric = isSymmetric
    self.hasPowerOfTwoScales = hasPowerOfTwoScales
  }

  /// Scale and zero point for numbers within a range; the range is extended to hold 0, which is then stored exactly.
  ///
  /// `scale = (upper − lower) / steps`; a symmetric range has as many steps on both sides.
  ///
  /// - Precondition: the format has a scale.
  package func quantization(for range: ClosedRange<Float>) -> Quantization {
    let (lower, upper) = (Double(min(range.lowerBound, 0)), Double(max(range.upperBound, 0)))
    let largest = max(-lower, upper)
    guard let levels = format.levels(isSymmetric: isSymmetric) else {
      return Quantization(scale: stored(largest / (format.smallFloat?.largest ?? 1)))
    }
    guard !isSymmetric else {
      return Quantization(scale: stored(largest / Double(levels.upperBound)))
    }
    let scale = stored((upper - lower) / Double(levels.count - 1))
    let zeroPoint = Double(levels.lowerBound) - lower / Double(scale)
    return Quantization(
      scale: scale,
      zeroPoint: Int(zeroPoint.rounded(.toNearestOrEven)).clamped(to: levels))
  }

  /// A scale as it can be: never 0, and no less than asked for where it has to be a power of two.
  func stored(_ scale: Double) -> Float {
    // Smaller ones have fewer digits, and products of them vanish.
    let scale = max(scale, 0x1p-60)
    guard hasPowerOfTwoScales else { return Float(scale) }
    let power = scale.binade
    return Float(power == scale ? power : power * 2)
  }
}
