import CKernels

/// How often numbers occur, in bins of one width that is a power of two and doubles when a number lies beyond them.
///
/// Bins begin at multiples of their width, so they merge exactly: a histogram depends on the numbers alone, not on
/// their order. Zeros, of which activations are full, are counted apart: they are quantized without error, and must
/// have no part in the choice of a range.
package struct ValueHistogram: Sendable {
  /// Bins on either side of 0.
  package static let side = Int(ck_histogram_side)

  /// Bin `side + k` counts what lies in `k · width ..< (k + 1) · width`, zeros left out.
  package private(set) var counts = [UInt64](repeating: 0, count: 2 * side)
  /// Numbers that are 0.
  package private(set) var zeroCount = 0
  /// Of the width, to the base of 2. At first so small that neither width nor inverse lose digits.
  private var exponent = -120

  /// Without any number.
  package init() {}

  /// The extent of a bin.
  package var width: Double { Double(sign: .plus, exponent: exponent, significand: 1) }

  /// All numbers, zeros included.
  package var total: Int { zeroCount + Int(counts.reduce(0, +)) }

  /// The bins beyond which there are no numbers but 0.
  package var reach: BinSpan {
    let first = counts.firstIndex { $0 > 0 } ?? Self.side
    let last = counts.lastIndex { $0 > 0 } ?? Self.side - 1
    return BinSpan(lower: max(0, Self.side - first), upper: max(0, last + 1 - Self.side))
  }

  /// The numbers in a span of bins.
  package func range(of span: BinSpan) -> ClosedRange<Float> {
    Float(0 - Double(span.lower) * width)...Float(Double(span.upper) * width)
  }

  /// Counts `values`, which lie in `range`.
  package mutating func add(_ values: UnsafeBufferPointer<Float>, within range: ClosedRange<Float>)
  {
    widen(to: range)
    let inverse = Float(sign: .plus, exponent: -exponent, significand: 1)
    zeroCount += Int(ck_histogram_f32(values.baseAddress, Int64(values.count), inverse, &counts))
  }

  /// Doubles the width until the bins cover `range`.
  private mutating func widen(to range: ClosedRange<Float>) {
    let before = exponent
    while !covers(range) { exponent += 1 }
    guard exponent > before else { return }
    var merged = [UInt64](repeating: 0, count: counts.count)
    for (index, count) in counts.enumerated() where count > 0 {
      merged[((index - Self.side) >> (exponent - before)) + Self.side] += count
    }
    counts = merged
  }

  private func covers(_ range: ClosedRange<Float>) -> Bool {
    let end = width * Double(Self.side)
    return Double(range.lowerBound) >= -end && Double(range.upperBound) < end
  }
}

/// The bins of a histogram around 0 that a range keeps.
package struct BinSpan: Hashable, Sendable {
  /// Bins below 0.
  package var lower: Int
  /// Bins from 0 on.
  package var upper: Int

  /// A span of so many bins on each side of 0.
  package init(lower: Int, upper: Int) {
    self.lower = lower
    self.upper = upper
  }

  /// All bins of the span.
  package var count: Int { lower + upper }

  /// Their indices in the counts of a histogram.
  package var indices: Range<Int> { ValueHistogram.side - lower..<ValueHistogram.side + upper }

  /// The span that reaches as far on both sides.
  package var symmetric: BinSpan { BinSpan(lower: max(lower, upper), upper: max(lower, upper)) }
}
