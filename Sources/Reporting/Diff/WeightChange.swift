import Foundation
import Support
import Tensors

/// How far the elements of a constant differ from those of another.
public struct WeightChange: Codable, Hashable, Sendable {
  /// Elements of the constant.
  public let elements: Int
  /// How many of them differ.
  public let changed: Int
  /// The largest difference of real numbers; nil if it is not finite.
  @ExplicitNull public var maximum: Double?
  /// The mean difference over all elements; nil if it is not finite.
  @ExplicitNull public var mean: Double?
  /// The largest magnitude before; nil if it is not finite.
  @ExplicitNull public var range: Double?
  /// The SHA-256 of the bytes before and after, as 64 hexadecimal digits.
  public let sha256: [String]

  /// Nil where the counts of elements differ, or bytes are elided: there is nothing to subtract.
  init?(_ a: TensorType, _ dataA: TensorData?, _ b: TensorType, _ dataB: TensorData?) {
    guard let dataA, let dataB, a.elementCount == b.elementCount else { return nil }
    let (before, after) = (RealNumbers(a, dataA), RealNumbers(b, dataB))
    var sum = 0.0
    var (changed, largest, range) = (0, 0.0, 0.0)
    for index in 0..<a.elementCount {
      let (x, y) = (before[index], after[index])
      range = max(range, abs(x))
      if x == y || (x.isNaN && y.isNaN) { continue }
      let difference = abs(x - y)
      changed += 1
      sum += difference
      // `max` would lose a NaN.
      largest = difference > largest || difference.isNaN ? difference : largest
    }
    elements = a.elementCount
    self.changed = changed
    maximum = largest.isFinite ? largest : nil
    mean = sum.isFinite ? sum / Double(max(1, elements)) : nil
    self.range = range.isFinite ? range : nil
    sha256 = [dataA, dataB].map { SHA256.hexDigest(of: $0.bytes) }
  }

  /// `12 of 4,096 elements, by at most 0.0312 (1.2 % of the largest), 9.1e-05 on average`.
  public var text: String {
    let count = "\(Figures.grouped(changed)) of \(Figures.grouped(elements)) elements"
    guard let maximum, let mean else { return count }
    let share = range.flatMap {
      $0 > 0 ? " (\(Figures.percent(maximum / $0)) of the largest)" : nil
    }
    return
      "\(count), by at most \(Self.short(maximum))\(share ?? ""), \(Self.short(mean)) on average"
  }

  private static func short(_ number: Double) -> String { String(format: "%.3g", number) }
}

/// The real numbers that the elements of a constant stand for, one by one: large constants need no second copy.
private struct RealNumbers {
  private let element: ElementType
  private let data: TensorData
  private let scales: [Double]
  private let zeroPoints: [Double]
  private let stride: Int

  init(_ type: TensorType, _ data: TensorData) {
    element = type.element
    self.data = data
    scales = type.quantization?.scales.map(Double.init) ?? [1]
    zeroPoints = type.quantization?.zeroPoints.map(Double.init) ?? [0]
    stride = type.quantization?.axis.map { type.shape.strides[$0] } ?? 1
  }

  subscript(index: Int) -> Double {
    let channel = scales.count == 1 ? 0 : index / stride % scales.count
    return (element.load(from: data.bytes, at: index) - zeroPoints[channel]) * scales[channel]
  }
}
