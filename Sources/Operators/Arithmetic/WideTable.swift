import GraphIR
import Support
import Tensors

/// A function of 16-bit elements as 513 results, between which it is a straight line.
///
/// Source: `LUTPopulate` and `LUTLookup` of the TFLite reference kernels.
struct WideTable: Sendable {
  private let entries: [Int16]

  /// In single precision. What is infinite is at an end of the range; so is what is not defined, for it lies behind a pole.
  init(of function: (Float) -> Float, _ site: Site, _ kind: String) throws {
    let input = try ElementChecks.perTensor(site.operands[0], "operand 0", kind).scale
    let output = try ElementChecks.perTensor(site.results[0], "the result", kind).scale
    let (start, end) = (-32768 * input, 32767 * input)
    let step = (end - start) / 512
    let inverse = 65536 / (32767 * output - -32768 * output)
    // Scales at the ends of single precision leave no number that could be stored.
    guard step.isFinite, inverse.isFinite, inverse > 0 else {
      throw Diagnostic(.extremeScales(input, output, kind))
    }
    let (lowest, highest) = (-32768 * output, 32767 * output)
    let beyondPole = function(end / 2) < function(end) ? lowest : highest
    func steps(_ x: Float) -> Float {
      let y = function(x)
      let steps = (y.isFinite ? y : y.isNaN ? beyondPole : y < 0 ? lowest : highest) * inverse
      // Differences of what is infinite would be no numbers.
      return min(max(steps, -0x1p120), 0x1p120)
    }
    entries = (0...512).map { index in
      let x = start + Float(index) * step
      guard index < 512 else { return Self.stored(steps(end).rounded(.toNearestOrAwayFromZero)) }
      let sample = steps(x).rounded(.toNearestOrAwayFromZero)
      let interpolated = ((steps(start + Float(index + 1) * step) + sample) / 2)
        .rounded(.toNearestOrAwayFromZero)
      let middle = steps(x + step / 2).rounded(.toNearestOrAwayFromZero)
      // Half of what the line would be wrong by in the middle.
      let bias = ((interpolated - middle) / 2).rounded(.toNearestOrAwayFromZero)
      return Self.stored(sample - bias)
    }
  }

  private static func stored(_ steps: Float) -> Int16 {
    Int16(min(max(steps, -32768), 32767))
  }

  /// The result for one element.
  subscript(_ x: Int16) -> Int16 {
    let index = 256 + Int(x >> 7)
    let base = entries[index]
    // The reference kernel keeps 16 bits of the slope.
    let slope = Int32(entries[index + 1] &- base)
    return base &+ Int16(truncatingIfNeeded: (slope * Int32(x & 0x7f) + 64) >> 7)
  }
}

extension Diagnostic.Message {
  fileprivate static func extremeScales(_ input: Float, _ output: Float, _ kind: String) -> Self {
    Self(
      id: "factor-out-of-range", .malformed,
      "the scales \(input) and \(output) of `\(kind)` leave no table of its function")
  }
}
