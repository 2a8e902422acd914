import Operators
import Tensors
import Testing

struct ClampTests {
  private func type(_ scale: Float, _ zeroPoint: Int) -> TensorType {
    TensorType(.i8, [1], Quantization(scale: scale, zeroPoint: zeroPoint))
  }

  /// Bounds, scale and zero point, and the stored range: `zeroPoint + round(bound / scale)` within −128...127.
  static let ranges: [(Clamp, Float, Int, ClosedRange<Int32>)] = [
    (.none, 0.5, 3, -128...127),
    (.relu, 0.5, 3, 3...127),
    (.relu, 0.5, -128, -128...127),
    (.relu6, 0.5, 3, 3...15),
    (.relu6, 0.0235, -128, -128...127),  // 6 / 0.0235 = 255.3, so 6 is stored as 127
    (.relu6, 0.05, -128, -128 ... -8),
    (.reluN1To1, 0.4, 0, -3...3),  // 2.5 rounds away from zero
    (Clamp(lower: -0.5), 1, 0, -1...127),
    (Clamp(upper: 0.5), 1, 0, -128...1),
    (.relu6, 1e-30, 0, 0...127),
    (Clamp(lower: 1e30, upper: 2e30), 1, 0, 127...127),
    (Clamp(lower: -2e30, upper: -1e30), 1, 0, -128 ... -128),
    (.unlimited, 0.5, 3, -128...127),
  ]

  @Test(arguments: 0..<ranges.count)
  func storedRange(_ number: Int) {
    let (clamp, scale, zeroPoint, expected) = Self.ranges[number]
    let range = clamp.storedRange(of: type(scale, zeroPoint))
    #expect(range.lower == expected.lowerBound)
    #expect(range.upper == expected.upperBound)
  }

  @Test func intersectionIsTheTighterOfBoth() {
    #expect(Clamp.relu.intersection(.relu6) == .relu6)
    #expect(Clamp.relu6.intersection(.none) == .relu6)
    #expect(Clamp.reluN1To1.intersection(.relu) == Clamp(lower: 0, upper: 1))
    #expect(Clamp.none.intersection(.none) == .none)
    #expect(Clamp.unlimited.intersection(.relu6) == .relu6)
  }
}
