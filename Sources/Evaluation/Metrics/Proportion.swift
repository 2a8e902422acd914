/// How many of a number of samples have a property.
public struct Proportion: Hashable, Sendable {
  /// How many have it.
  public let count: Int
  /// How many there are.
  public let samples: Int

  /// - Precondition: there is a sample, and no more of them have the property than there are.
  public init(_ count: Int, of samples: Int) {
    precondition(samples > 0 && (0...samples).contains(count), "\(count) of \(samples) samples")
    self.count = count
    self.samples = samples
  }

  /// `count / samples`, from 0 to 1.
  public var fraction: Double { Double(count) / Double(samples) }

  /// The 95 % interval of the true fraction, after Wilson (1927): it holds for few samples too, and near 0 and 1.
  public var interval: ClosedRange<Double> {
    let (n, p, z) = (Double(samples), fraction, 1.96)
    let center = (p + z * z / (2 * n)) / (1 + z * z / n)
    let reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    return max(0, center - reach)...min(1, center + reach)
  }
}

/// Which of two models is right on the same samples: McNemar's counts (1947).
///
/// Both are right on most samples alike, so their difference is known far better than either's accuracy.
public struct PairedProportions: Hashable, Sendable {
  /// How many samples there are.
  public let samples: Int
  /// On how many the first is right and the second wrong.
  public let onlyFirst: Int
  /// On how many the second is right and the first wrong.
  public let onlySecond: Int

  /// - Precondition: both have the same samples, and at least one.
  public init(_ first: [Bool], _ second: [Bool]) {
    precondition(first.count == second.count && !first.isEmpty, "both saw the same samples")
    samples = first.count
    onlyFirst = zip(first, second).count { $0 && !$1 }
    onlySecond = zip(first, second).count { $1 && !$0 }
  }

  /// The first's fraction less the second's.
  public var difference: Double { Double(onlyFirst - onlySecond) / Double(samples) }

  /// The 95 % interval of the true difference, after Bonett and Price (2012), who add a sample to each of both counts:
  /// `p = (only + 1) / (n + 2)` of both, then `p₁ − p₂ ± z·√((p₁ + p₂ − (p₁ − p₂)²) / (n + 2))`.
  public var interval: ClosedRange<Double> {
    let n = Double(samples) + 2
    let (first, second) = (Double(onlyFirst + 1) / n, Double(onlySecond + 1) / n)
    let center = first - second
    let reach = 1.96 * ((first + second - center * center) / n).squareRoot()
    return max(-1, center - reach)...min(1, center + reach)
  }
}
