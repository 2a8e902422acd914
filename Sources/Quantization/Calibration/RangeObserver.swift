import CKernels
import Support

/// Watches the numbers that a value holds, sample by sample, and says for which range to quantize it.
///
/// Takes the memory of one histogram, however many numbers it sees. But for moving averages, the order of the samples
/// does not matter.
public struct RangeObserver: Sendable {
  /// How the range is found.
  public let method: RangeMethod
  /// The least and the largest number seen; nil if none was.
  public private(set) var extremes: ClosedRange<Float>?
  /// What `movingAverage` has arrived at.
  private var average: (lower: Double, upper: Double)?
  private var histogram: ValueHistogram?
  /// How far samples reach below and above zero.
  private var (below, above) = (ExtremeSpread(), ExtremeSpread())

  /// An observer that has seen nothing.
  public init(_ method: RangeMethod) {
    self.method = method
    switch method {
    case .minMax, .expected, .movingAverage: histogram = nil
    case .percentile, .meanSquaredError, .entropy: histogram = ValueHistogram()
    }
  }

  /// Takes in what the value is for one sample; of nothing, nothing is learned.
  ///
  /// - Throws: a `Diagnostic` if a number is infinite or not a number; the observer is then as it was.
  public mutating func observe(_ values: UnsafeBufferPointer<Float>) throws {
    guard let start = values.baseAddress, !values.isEmpty else { return }
    var found = ck_extremes()
    guard ck_find_extremes_f32(start, Int64(values.count), &found) != 0 else {
      throw Self.nonFinite(values)
    }
    // −0 counts as 0.
    let range = (found.least + 0)...(found.largest + 0)
    extremes = extremes.map { $0.union(range) } ?? range
    below.add(max(-range.lowerBound, 0))
    above.add(max(range.upperBound, 0))
    follow(range)
    histogram?.add(values, within: range)
  }

  /// The range to quantize for, which always contains 0; nil if nothing was seen. It is 0...0 if all numbers were 0.
  ///
  /// - Parameters:
  ///   - levels: how many steps there are, such as 256 for 8 bits. A symmetric range uses one less.
  ///   - isSymmetric: whether it shall reach as far below 0 as above.
  public func range(levels: Int, isSymmetric: Bool) -> ClosedRange<Float>? {
    guard let widest else { return nil }
    let range = kept(of: widest, levels: levels, isSymmetric)
    guard isSymmetric else { return range.clamped(to: widest) }
    let reach = min(
      max(-range.lowerBound, range.upperBound), max(-widest.lowerBound, widest.upperBound))
    return 0 - reach...reach
  }

  /// What no range goes beyond: all that was seen, or is expected to be.
  private var widest: ClosedRange<Float>? {
    guard method == .expected else { return extremes?.union(0...0) }
    return extremes.map { _ in (0 - below.expected)...above.expected }
  }

  private func kept(of widest: ClosedRange<Float>, levels: Int, _ isSymmetric: Bool)
    -> ClosedRange<Float>
  {
    switch method {
    case .minMax, .expected: widest
    case .movingAverage:
      average.map { (Float($0.lower)...Float($0.upper)).union(0...0) } ?? widest
    case .percentile(let percentage):
      // Where nearly all numbers are 0, the others would all be left out.
      histogram?.range(ofPercentage: percentage, isSymmetric).unlessEmpty ?? widest
    case .meanSquaredError:
      histogram?.rangeOfLeastSquares(within: widest, levels: levels, isSymmetric) ?? widest
    case .entropy: histogram?.rangeOfLeastDivergence(levels: levels, isSymmetric) ?? widest
    }
  }

  private mutating func follow(_ range: ClosedRange<Float>) {
    guard case .movingAverage(let weight) = method else { return }
    let (lower, upper) = (Double(range.lowerBound), Double(range.upperBound))
    average =
      average.map {
        ($0.lower + weight * (lower - $0.lower), $0.upper + weight * (upper - $0.upper))
      } ?? (lower, upper)
  }

  private static func nonFinite(_ values: UnsafeBufferPointer<Float>) -> Diagnostic {
    // The kernel has found one.
    let position = values.firstIndex { !$0.isFinite } ?? 0
    return Diagnostic(
      .nonFiniteValue(values[position], position),
      help: "look for the first layer with such a number: `dovetail run --all-values`")
  }
}

extension ClosedRange<Float> {
  /// Nil if it holds a single number.
  fileprivate var unlessEmpty: Self? { lowerBound < upperBound ? self : nil }

  /// The smallest range with both in it.
  func union(_ other: Self) -> Self {
    Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
  }
}

extension Diagnostic.Message {
  fileprivate static func nonFiniteValue(_ number: Float, _ position: Int) -> Self {
    Self(
      id: "non-finite-value", .malformed,
      "the value has the element \(number) at position \(position), for which there is no range")
  }
}
