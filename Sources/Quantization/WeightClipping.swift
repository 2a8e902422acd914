import Tensors

/// How the scales of weights are chosen.
public enum WeightClipping: String, Hashable, Sendable, CaseIterable {
  /// The largest weight is stored exactly.
  case none
  /// The scale with the least squared error, where large weights may be clipped.
  case meanSquaredError = "mse"

  /// Fractions of the full range that are tried.
  private static let fractions = (0...30).map { 1 - Double($0) * 0.02 }

  /// A scale and a zero point for each entry of a map.
  func quantizations(
    of weights: [Float], _ map: ScaleMap, _ scheme: TensorScheme,
    _ smallestScale: (Int) -> Double
  ) -> [Quantization] {
    var members = [[Float]](repeating: [], count: map.count)
    map.forEachRun(weights.count) { scale, range in members[scale] += weights[range] }
    return members.enumerated().map { index, members in
      let smallest = smallestScale(index)
      let range = (members.min() ?? 0)...(members.max() ?? 0)
      guard self == .meanSquaredError, scheme.format.levels(isSymmetric: true) != nil else {
        return scheme.quantization(for: range).atLeast(smallest)
      }
      let candidates = Self.fractions.map { fraction in
        scheme.quantization(
          for: Float(
            Double(range.lowerBound) * fraction)...Float(Double(range.upperBound) * fraction)
        ).atLeast(smallest)
      }
      let errors = candidates.map { $0.squaredError(of: members, scheme) }
      // Of equal ones the widest.
      return candidates[errors.indices.min { (errors[$0], $0) < (errors[$1], $1) } ?? 0]
    }
  }
}

extension Quantization {
  /// With a scale that is no less than `smallest`.
  fileprivate func atLeast(_ smallest: Double) -> Quantization {
    Double(scale) < smallest
      ? Quantization(scale: Float(smallest).nextUp, zeroPoint: zeroPoint) : self
  }

  /// The squares of what numbers differ by from those that are stored for them, together.
  fileprivate func squaredError(of numbers: [Float], _ scheme: TensorScheme) -> Float {
    guard let levels = scheme.format.levels(isSymmetric: scheme.isSymmetric) else { return 0 }
    let (lower, upper) = (
      Float(levels.lowerBound - zeroPoint), Float(levels.upperBound - zeroPoint)
    )
    return numbers.reduce(0) { sum, number in
      let steps = min(max((number / scale).rounded(.toNearestOrEven), lower), upper)
      let error = number - steps * scale
      return sum + error * error
    }
  }
}
