import GraphIR
import Support
import Tensors

/// The real number that `x` becomes when it is quantized and dequantized again, of `f32` elements.
///
/// The range is moved until 0 is among the numbers that can be stored.
///
/// TFLite: `FAKE_QUANT`.
public struct FakeQuantize: UnaryOperator {
  public static let name = "fake_quant"
  /// The smallest number that is to be stored.
  public var lower: Float
  /// The largest number that is to be stored.
  public var upper: Float
  /// The bits of a stored number, from 2 to 16.
  public var bits: Int
  /// Whether the smallest stored number is left out, so that there are as many on both sides of zero.
  public var isNarrow: Bool

  public init() { self.init(lower: -1, upper: 1) }

  /// - Parameter lower, upper: two finite numbers in order.
  public init(lower: Float, upper: Float, bits: Int = 8, isNarrow: Bool = false) {
    self.lower = lower
    self.upper = upper
    self.bits = bits
    self.isNarrow = isNarrow
  }

  /// Refuses elements other than `f32`, and a range or a number of bits that leaves nothing to store.
  public func check(_ operands: [TensorType], _ results: [TensorType]) throws {
    try ElementChecks.elements(operands, [[.f32]], Self.name)
    guard (2...16).contains(bits), (upper - lower).isFinite, lower < upper else {
      throw Diagnostic(.badRange(lower, upper, bits))
    }
  }

  /// Source: `NudgeQuantizationRange` and `FakeQuantizeArray` of the TFLite reference kernels.
  public func apply(_ x: Float) -> Float {
    let (first, last) = (Float(isNarrow ? 1 : 0), Float((1 << bits) - 1))
    let scale = (upper - lower) / (last - first)
    let zeroPoint = min(max(first - lower / scale, first), last)
      .rounded(.toNearestOrAwayFromZero)
    let (smallest, largest) = ((first - zeroPoint) * scale, (last - zeroPoint) * scale)
    let shifted = min(max(x, smallest), largest) - smallest
    return (shifted * (1 / scale)).rounded(.toNearestOrAwayFromZero) * scale + smallest
  }

  public static let examples = [
    Example(
      FakeQuantize(lower: 0, upper: 3, bits: 2),
      [Tensor(TensorType(.f32, [4]), numbers: [-1, 0.4, 1.6, 9])],
      gives: [Tensor(TensorType(.f32, [4]), numbers: [0, 0, 2, 3])])
  ]
}

extension Diagnostic.Message {
  fileprivate static func badRange(_ lower: Float, _ upper: Float, _ bits: Int) -> Self {
    Self(
      id: "bad-fake-quant-range", .malformed,
      "`fake_quant` cannot store \(lower) to \(upper) in \(bits) bits")
  }
}
